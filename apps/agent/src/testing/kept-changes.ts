import { manualClock, seededRandom, silentLog } from '@towline/kit';
import type { Wanted } from '../core/transaction/intention.ts';
import type { Standing } from '../core/transaction/moves.ts';
import type { Configuration, Errand, Refusal } from '../core/transaction/transaction.ts';
import { changeJournal } from '../runtime/change/change-journal.ts';
import { ChangeKeeper } from '../runtime/change/change-keeper.ts';
import { keepsakesSchema } from '../runtime/change/stored-change.ts';
import { plainSeal, storedDocument } from '../runtime/document.ts';
import type { Disk } from '../runtime/storage/disk.ts';
import { diskStore } from '../runtime/storage/disk-store.ts';

export const place = { modem: 'm1', iccid: '8988' };
export const agrees: Standing = { kind: 'agrees', reach: 'witnessed' };
export const underway: Standing = { kind: 'underway' };

function configuration(apn: string): Configuration {
  const profile = { apn, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: false } as const;
  return { key: apn, rule: apn, profileRef: `${apn}@1`, mode: 'ecm', profile };
}

export const wantedOf = (apn: string, number: number): Wanted => ({
  ...place,
  configuration: configuration(apn),
  version: { epoch: 1, number },
  digest: `digest-${number}`,
});

export const seen = {
  found: null,
  bootstrap: null,
  radio: { radioAccess: null, bands: null, simSlot: null },
  budgetMs: 5 * 60_000,
  isLost: false,
};

/** A keeper over a disk, with a control plane that is met, or not, by hand. */
export function keeperOn(disk: Disk, { bootId = 'boot-1', clock = manualClock(), obstacle = (): Refusal | null => null } = {}) {
  const store = diskStore(disk);
  const told: string[] = [];
  const errands = new Map<string, Errand>();
  let ids = 0;
  const shelf = { store, log: silentLog, tell: () => {} };
  const keeper = new ChangeKeeper({
    clock,
    random: seededRandom(3),
    journal: changeJournal(store.journal, plainSeal),
    document: storedDocument(shelf, { name: 'keepsakes', schema: keepsakesSchema }),
    announcer: {
      follow: ({ id }, errand) => void (errand ? errands.set(id, errand) : errands.delete(id)),
      stop: () => errands.clear(),
    },
    bootId,
    transactionId: () => `change-${bootId}-${(ids += 1)}`,
    obstacleTo: async () => obstacle(),
    inTouch: () => false,
    tell: (code, evidence) => void told.push([code, ...evidence].join(' ')),
    turned: () => {},
  });
  return { keeper, clock, told, errands };
}

export async function confirmOpen(keeper: ChangeKeeper): Promise<void> {
  await keeper.looked('m1', agrees);
  const open = keeper.openAt('m1');
  if (open) await keeper.confirm(open.id, open.digest);
}

/** A gateway whose `good` was confirmed. */
export async function settle(keeper: ChangeKeeper): Promise<void> {
  await keeper.start();
  await keeper.welcomed(true);
  await keeper.aim(wantedOf('good', 1), seen);
  await confirmOpen(keeper);
}
