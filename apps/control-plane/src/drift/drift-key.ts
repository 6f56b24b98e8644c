import { createHash } from 'node:crypto';
import { canonicalJson, type StateReport } from '@towline/protocol';

/**
 * Names what a state says, as far as drift follows from it: which rule holds, what is dialled, how far the target is. Signal and cells come and go
 * without it. As long as it stays, nobody has to look at the target again.
 */
export function driftKey({ target, modems }: Pick<StateReport, 'target' | 'modems'>): string {
  const facts = modems.map(({ id, rule, profileRef, bearer, sim, simSlot, registration, roaming, model, firmware }) => [
    [id, rule, profileRef, model, firmware, roaming ?? null, registration?.state ?? null],
    bearer && [bearer.requestedApn, bearer.apn, bearer.ipType, bearer.dataMode],
    sim && [sim.iccid, sim.imsi, sim.homePlmn, sim.gid1 ?? null, ...(simSlot ? [simSlot] : [])],
  ]);
  const standing = target && [target.version, target.digest, target.status];
  return createHash('sha256')
    .update(canonicalJson([standing, facts]))
    .digest('base64url')
    .slice(0, 22);
}
