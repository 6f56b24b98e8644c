import { type Clock, sleep } from '@towline/kit';
import type { OrderOutcome } from '../core/orders.ts';
import type { ChangeKeeper } from './change/change-keeper.ts';
import type { Reboot } from './ports.ts';

interface RebootNeeds {
  readonly reboot: Reboot;
  readonly clock: Clock;
  readonly changes: Pick<ChangeKeeper, 'declareReboot'>;
  /** The job is on flash as begun: the next start must not find it as new. */
  readonly isKept: boolean;
}

/** A host that still runs after this long does not restart. */
const patienceMs = 5 * 60_000;

const failed = (code: string, evidence: string[] = []): OrderOutcome => ({ state: 'failed', fault: { code, evidence }, result: null });

/**
 * Restarts the host. The job, and with an open change that this start of the host is its last, are on flash before; else nothing is done.
 * Resolves only where the host did not restart.
 */
export async function rebootHost({ reboot, clock, changes, isKept }: RebootNeeds): Promise<OrderOutcome> {
  if (!isKept) return failed('store.write-failed');
  if (!(await changes.declareReboot(true))) {
    await changes.declareReboot(false);
    return failed('disk.failing');
  }
  const asked = await reboot();
  if (asked.ok) await sleep(clock, patienceMs);
  await changes.declareReboot(false);
  return asked.ok ? failed('job.timeout', ['the host did not restart']) : failed('host.reboot-refused', [asked.reason.slice(0, 256)]);
}
