import { canonicalJson, type ModemState, type TargetStatus } from '@towline/protocol';
import type { Decision } from './decision.ts';
import type { ObservedModem } from './observed.ts';
import { isLasting } from './reactions.ts';

const cut = (text: string, length = 80) => text.slice(0, length);
const cutOrNull = (text: string | null, length = 80) => (text === null ? null : cut(text, length));

function bearerState({ bearer, context }: ObservedModem, { mode }: Decision): ModemState['bearer'] {
  if (!bearer?.active) return null;
  return {
    requestedApn: cutOrNull(context?.apn ?? null),
    apn: cutOrNull(bearer.apn, 120),
    ipType: context?.ipType ?? null,
    dataMode: mode,
    addresses: bearer.addresses.slice(0, 8).map((address) => cut(address)),
  };
}

/** What is reported of one modem. */
export function modemState(observed: ObservedModem, decision: Decision): ModemState {
  const { identity, sim, registration } = observed;
  return {
    id: observed.id,
    model: observed.model,
    product: cutOrNull(identity?.product ?? null),
    imei: cutOrNull(identity?.imei ?? null),
    firmware: cutOrNull(identity?.firmware ?? null),
    connection: decision.connection,
    sim: sim && { state: sim.state, iccid: sim.iccid, imsi: sim.imsi, homePlmn: sim.homePlmn },
    registration: registration && {
      state: registration.state,
      rat: registration.rat,
      servingPlmn: cutOrNull(registration.servingPlmn),
      operator: cutOrNull(registration.operator),
      area: cutOrNull(registration.area),
      cell: cutOrNull(registration.cell),
    },
    signal: observed.signal,
    bearer: bearerState(observed, decision),
    profileRef: decision.rule?.profileRef ?? null,
    rule: decision.rule?.name ?? null,
    fault: decision.fault && { code: decision.fault.code, evidence: [...decision.fault.evidence] },
  };
}

/** What makes a state worth sending before the next beat: neither signal nor cell nor the wording of evidence. */
export function stateKey(modems: readonly ModemState[], target: TargetStatus | null): string {
  const telling = modems.map(({ signal: _signal, registration, fault, ...rest }) => ({
    ...rest,
    registration: registration && { state: registration.state, rat: registration.rat, servingPlmn: registration.servingPlmn },
    fault: fault?.code ?? null,
  }));
  return canonicalJson({ telling, target });
}

/**
 * How far the device is with its target. Once applied it stays applied while a link merely comes and goes: that is the connection's
 * story. A fault that no retry mends makes it failed, then as before.
 */
export function targetStatus(decisions: readonly Decision[], before: TargetStatus['status']): TargetStatus['status'] {
  if (decisions.some(({ fault }) => fault !== null && isLasting(fault.code))) return 'failed';
  const verified = decisions.length > 0 && decisions.every(({ connection }) => connection === 'verified');
  return verified || before === 'applied' ? 'applied' : 'applying';
}
