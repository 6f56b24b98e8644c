import type { BearerSettings } from '@towline/modem';
import { acting, type Decision, faultOf, type HostPlan, type Stage, waiting } from '../decision.ts';
import { familyOf, type HostStep, type ObservedHost, type WantedLink } from '../host-network/host-network.ts';
import { wantedLink } from '../host-network/lease.ts';
import { planHostNetwork, takes } from '../host-network/plan-host-network.ts';
import { nextProbeMs } from '../host-network/probe.ts';
import { lookAgainMs } from '../intervals.ts';
import type { Step } from '../step.ts';
import { hangUpStep } from './hang-up-step.ts';
import { type Ready, readyOf, toldOf, unsettledMs } from './ready.ts';

/** Tries on the host before the bearer itself is suspected: a lease or a route is cheaper than a call. */
const triesOnHost = 2;

interface Linked extends Ready {
  readonly host: HostPlan;
  readonly settings: BearerSettings;
}

/** Null for a modem that gives the host no network. */
function linkedOf(ready: Ready): Linked | null {
  const { host, observed } = ready;
  const settings = observed.bearer?.settings ?? null;
  return host && settings ? { ...ready, host, settings } : null;
}

/** Waits for what comes by itself within the modem's bound, then takes the bearer down, unless the session is heard over it all the same. */
function awaitNetwork(linked: Linked): Decision {
  const { model, nowMs, recovery } = linked;
  if (unsettledMs(linked) < model.bounds.address * 1_000) return waiting('connected', nowMs + lookAgainMs.soon, toldOf(linked));
  const told = { ...toldOf(linked), fault: faultOf('bearer.no-address') };
  if (recovery.carriesSession) return waiting('connected', nowMs + lookAgainMs.absent, told);
  return acting('connected', [hangUpStep(linked, 'no-address')], told);
}

/** What is renewed or repaired on a link that works leaves it verified meanwhile. */
const standing = ({ memory }: Linked) => (memory.verifiedSinceMs === null ? 'connected' : 'verified');

function changing(linked: Linked, changes: readonly HostStep[]): Decision {
  const step: Step = { kind: 'configure-host', changes, cutsLink: false, changesDialling: false };
  return acting(standing(linked), [step], toldOf(linked));
}

function leaseStep(name: string): Step {
  return { kind: 'lease-address', interface: name, cutsLink: false, changesDialling: false };
}

function leasing(linked: Linked, name: string): Decision | null {
  const { memory, nowMs } = linked;
  const { lease } = memory;
  const step = leaseStep(name);
  if (lease && lease.interface === name) return nowMs < lease.renewAtMs ? null : acting(standing(linked), [step], toldOf(linked));
  if (memory.hostTries < triesOnHost) return acting('connected', [step], toldOf(linked));
  return acting('connected', [hangUpStep(linked, 'no-dhcp')], { ...toldOf(linked), fault: faultOf('bearer.no-dhcp') });
}

/** pppd sets addresses a moment after the call stands. */
function hasAddresses({ addresses, owns }: WantedLink, real: ObservedHost): boolean {
  return owns.length > 0 || addresses.every(({ address }) => real.addresses.some((one) => one.address === address));
}

/** Has the host the address, the routes and the rules that the bearer asks for? */
export const ipStage: Stage = (situation) => {
  const ready = readyOf(situation);
  const linked = ready && linkedOf(ready);
  if (!linked) return ready && waiting('verified', situation.nowMs + lookAgainMs.verified, toldOf(ready));
  const { settings, observed, memory, host } = linked;
  const { interface: name, addressing } = settings;
  if (name === null || addressing === 'none' || observed.host?.interface !== name) return awaitNetwork(linked);
  const asked = addressing === 'dhcp' ? leasing(linked, name) : null;
  if (asked) return asked;
  const wanted = wantedLink({ settings, lease: memory.lease, slot: host.slot });
  if (!wanted || !hasAddresses(wanted, observed.host)) return awaitNetwork(linked);
  const { host: real } = observed;
  if (!wanted.addresses.some(({ address }) => takes(real, familyOf(address)))) {
    const fault = faultOf('host.network-refused', [`IPv6 is off on ${name}, and the network gave nothing else`]);
    return waiting('connected', situation.nowMs + lookAgainMs.verified, { ...toldOf(linked), fault });
  }
  const changes = planHostNetwork(wanted, real);
  return changes.length === 0 ? null : changing(linked, changes);
};

function probing(wanted: WantedLink): Step {
  const gateways = Object.values(wanted.gateways).filter((gateway) => gateway !== null);
  const { interface: name, resolvers, slot } = wanted;
  const checks = { interface: name, slot, resolvers, gateways };
  return { kind: 'probe-bearer', bearer: bearerName(wanted), ...checks, cutsLink: false, changesDialling: false };
}

const bearerName = ({ interface: name, addresses }: WantedLink) => [name, ...addresses.map(({ address }) => address)].join(' ');

/** Does anything come back over it? */
export const probeStage: Stage = (situation) => {
  const ready = readyOf(situation);
  const linked = ready && linkedOf(ready);
  const wanted = linked && wantedLink({ ...linked, ...linked.host, lease: situation.memory.lease });
  if (!linked || !wanted) return null;
  const { memory, nowMs, host } = linked;
  const told = toldOf(linked);
  const { probeEveryMs } = host;
  if (probeEveryMs === null) return waiting('verified', nowMs + lookAgainMs.verified, told);
  const last = memory.probed?.bearer === bearerName(wanted) ? memory.probed : null;
  const step = probing(wanted);
  if (last?.ok) {
    const dueMs = nextProbeMs(last, probeEveryMs);
    return nowMs < dueMs ? waiting('verified', Math.min(dueMs, nowMs + lookAgainMs.verified), told) : acting('verified', [step], told);
  }
  // The first rung: the address anew, where it was leased.
  const anew = last && linked.settings.addressing === 'dhcp' ? [leaseStep(wanted.interface), step] : [step];
  const [first, ...rest] = anew;
  if (first && memory.hostTries < triesOnHost) return acting('connected', [first, ...rest], told);
  return acting('connected', [hangUpStep(linked, 'no-traffic')], { ...told, fault: faultOf('bearer.no-traffic') });
};
