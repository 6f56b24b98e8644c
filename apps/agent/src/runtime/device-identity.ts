import { type BackoffPolicy, backoffDelayMs, sleep } from '@towline/kit';
import type { AgentConfig } from '../config/agent-config.ts';
import type { Alarm } from './alarm.ts';
import type { Way } from './bearer-paths.ts';
import type { Document } from './document.ts';
import type { AgentPorts, EnrolmentAnswer } from './ports.ts';
import type { StoredIdentity } from './stored-schemas.ts';

export interface DeviceIdentity {
  readonly tenant: string;
  readonly device: string;
  readonly mqttUrl: string;
  /** The device's credential. */
  readonly secret: string;
}

/** A control plane that cannot be reached is asked again soon; one that refused has a person to convince first. */
const unreachablePolicy: BackoffPolicy = { baseMs: 2_000, factor: 2, maxMs: 120_000, jitter: 0.5 };
const refusedPolicy: BackoffPolicy = { baseMs: 300_000, factor: 2, maxMs: 3_600_000, jitter: 0.2 };

/** The device's secret, made on the first start. */
export async function loadIdentity(document: Document<StoredIdentity>, newSecret: () => string): Promise<StoredIdentity> {
  return (await document.load()) ?? { secret: newSecret(), enrolled: null };
}

interface EnrolmentNeeds {
  readonly document: Document<StoredIdentity>;
  readonly config: AgentConfig;
  readonly ports: AgentPorts;
  readonly imeis: () => readonly string[];
  /** How to reach the control plane at this try. */
  readonly way: (attempt: number) => Way;
  /** Rung when a bearer came up: a gateway without another uplink need not wait any longer. */
  readonly alarm: Alarm;
}

const unkept: EnrolmentAnswer = { ok: false, reason: 'unreachable', code: 'store.write-failed' };
const noBearer: EnrolmentAnswer = { ok: false, reason: 'unreachable', code: 'link.no-bearer' };

async function ask(identity: StoredIdentity, { config, ports, imeis, way }: EnrolmentNeeds, attempt: number): Promise<EnrolmentAnswer> {
  const path = way(attempt);
  if (path === 'none') return noBearer;
  const fingerprint = { boardSerial: ports.hostFacts.boardSerial, imeis: imeis() };
  const request = { claimToken: config.claimToken ?? '', secret: identity.secret, name: config.name ?? null, fingerprint };
  return path === 'any' ? ports.enrolment.enrol(request) : ports.enrolment.enrol(request, path);
}

/** Asks until the control plane has given the device its name. Null when `signal` ended it. */
export async function enrolDevice(identity: StoredIdentity, needs: EnrolmentNeeds, signal: AbortSignal): Promise<DeviceIdentity | null> {
  const { config, ports, document } = needs;
  const { secret } = identity;
  const placed = (enrolled: NonNullable<StoredIdentity['enrolled']>) => ({
    ...enrolled,
    secret,
    mqttUrl: config.mqttUrl ?? enrolled.mqttUrl,
  });
  if (identity.enrolled) return placed(identity.enrolled);
  signal.addEventListener('abort', () => needs.alarm.wake());
  let isKept = false;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    // On flash before anybody is asked, so that a crash in between enrols the same device again, not another one.
    isKept ||= await document.save(identity);
    const answer: EnrolmentAnswer = isKept ? await ask(identity, needs, attempt) : unkept;
    if (answer.ok) {
      const enrolled = { tenant: answer.tenant, device: answer.device, mqttUrl: answer.mqttUrl };
      await document.save({ secret, enrolled });
      ports.log.info('enrolment.done', { device: enrolled.device, tenant: enrolled.tenant });
      return placed(enrolled);
    }
    const refused = answer.reason === 'refused';
    const delayMs = backoffDelayMs(refused ? refusedPolicy : unreachablePolicy, attempt, ports.random);
    ports.log.warn(refused ? 'enrolment.refused' : 'enrolment.unreachable', { code: answer.code, retryInMs: Math.round(delayMs) });
    // Who was refused has a person to convince, whatever bearer comes up.
    if (refused) await sleep(ports.clock, delayMs, signal);
    else await needs.alarm.wait(ports.clock.monotonicMs() + delayMs);
  }
  return null;
}
