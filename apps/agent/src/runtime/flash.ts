import type { PinTry } from '@towline/modem';
import type { JobsRecord } from '../core/jobs.ts';
import type { Keepsakes } from '../core/transaction/keepsakes.ts';
import { type ChangeJournal, changeJournal } from './change/change-journal.ts';
import { keepsakesSchema } from './change/stored-change.ts';
import { loadIdentity } from './device-identity.ts';
import { type Document, plainSeal, type Shelf, storedDocument } from './document.ts';
import type { AgentPorts } from './ports.ts';
import { createReporter, type Reporter } from './reporter.ts';
import {
  type HeldTarget,
  type HostReboot,
  heldTargetSchema,
  hostRebootSchema,
  identitySchema,
  jobsSchema,
  pinTriesSchema,
  type StoredIdentity,
  smsCounterSchema,
  streamSchema,
} from './stored-schemas.ts';

/** Everything that a device keeps over a restart, read and ready. */
export interface Flash {
  readonly identity: StoredIdentity;
  readonly identityDocument: Document<StoredIdentity>;
  readonly targetDocument: Document<HeldTarget>;
  readonly jobsDocument: Document<JobsRecord>;
  readonly pinDocument: Document<PinTry[]>;
  readonly keepsakesDocument: Document<Keepsakes>;
  readonly hostRebootDocument: Document<HostReboot>;
  readonly smsDocument: Document<{ readonly counter: number }>;
  readonly changeJournal: ChangeJournal;
  readonly reporter: Reporter;
  /** Number of this process start. */
  readonly starts: number;
}

function openReporter({ store, log, clock, ids }: AgentPorts): Reporter {
  // The stream does not tell of its own failed writes by way of itself: it renames itself and says so once.
  const shelf: Shelf = { store, log, tell: (code, evidence) => code !== 'store.write-failed' && reporter.tell(code, evidence) };
  const reporter = createReporter({ document: storedDocument(shelf, { name: 'stream', schema: streamSchema }), clock, ids, log });
  return reporter;
}

export async function openFlash(ports: AgentPorts): Promise<Flash> {
  const { store, log, vault, ids } = ports;
  const reporter = openReporter(ports);
  const shelf: Shelf = { store, log, tell: (code, evidence) => reporter.tell(code, evidence) };
  const identityDocument = storedDocument(shelf, { name: 'identity', schema: identitySchema, vital: true });
  const identity = await loadIdentity(identityDocument, () => ids.secret());
  const starts = await reporter.open();
  // For what holds passwords and PINs: a copied file is worth nothing without the device's secret.
  const seal = vault.sealer(identity.secret);
  // That the keepsakes cannot be written is told as `disk.failing`, once, by whoever writes them again.
  const quietShelf: Shelf = { ...shelf, tell: (code, evidence) => code !== 'store.write-failed' && reporter.tell(code, evidence) };
  return {
    identity,
    identityDocument,
    reporter,
    starts,
    targetDocument: storedDocument(shelf, { name: 'target', schema: heldTargetSchema, seal }),
    jobsDocument: storedDocument(shelf, { name: 'jobs', schema: jobsSchema, seal: plainSeal }),
    pinDocument: storedDocument(shelf, { name: 'pin-tries', schema: pinTriesSchema, seal }),
    smsDocument: storedDocument(shelf, { name: 'sms', schema: smsCounterSchema }),
    keepsakesDocument: storedDocument(quietShelf, { name: 'keepsakes', schema: keepsakesSchema, seal }),
    hostRebootDocument: storedDocument(shelf, { name: 'host-reboot', schema: hostRebootSchema }),
    changeJournal: changeJournal(store.journal, seal),
  };
}
