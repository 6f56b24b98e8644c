import type { DataMode } from '@towline/modem';
import type { ConnectionProfile } from '@towline/protocol';
import type { Behaviour } from '@towline/simulator';
import { startAgent } from '../gateway/agent-in-guest.ts';
import { claim } from '../gateway/expect.ts';
import { commission } from '../gateway/lab-device.ts';
import { accessPoints, credentials } from '../gateway/lab-operators.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { untilReported } from '../gateway/reported.ts';
import type { Story, Telling } from './story.ts';

/** One way to fail, and the code that the control plane hears of it. */
interface Failure {
  readonly name: string;
  readonly modem: ModemName;
  readonly mode: DataMode;
  /** What goes wrong, for a sentence: `the APN is unknown`. */
  readonly trouble: string;
  /** Any of them tells the same trouble, as far as this mode lets a modem tell. */
  readonly codes: readonly string[];
  readonly profile?: Partial<ConnectionProfile>;
  readonly behaviours?: readonly Behaviour[];
  readonly cardPin?: string;
  readonly denied?: boolean;
  /** Seconds from plugging in to the code at the control plane, on a machine that emulates the processor. */
  readonly withinS: number;
}

const wrongPassword = { apn: accessPoints.secret, auth: 'chap', username: credentials.username, password: 'not-this-one' } as const;

const failures: readonly Failure[] = [
  {
    name: 'unknown-apn-ppp',
    modem: 'bg96',
    mode: 'ppp',
    trouble: 'nobody knows the APN',
    codes: ['apn.unknown'],
    profile: { apn: accessPoints.unknown },
    withinS: 150,
  },
  {
    name: 'unknown-apn-qmi',
    modem: 'bg96',
    mode: 'qmi',
    trouble: 'nobody knows the APN',
    codes: ['apn.unknown'],
    profile: { apn: accessPoints.unknown },
    withinS: 180,
  },
  {
    name: 'foreign-apn',
    modem: 'ec200a',
    mode: 'ecm',
    trouble: 'the APN is sold to others',
    codes: ['apn.not-subscribed'],
    profile: { apn: accessPoints.foreign },
    withinS: 150,
  },
  {
    name: 'wrong-apn-mbim',
    modem: 'em7565',
    mode: 'mbim',
    trouble: 'the APN is sold to others',
    codes: ['apn.not-subscribed'],
    profile: { apn: accessPoints.foreign },
    withinS: 180,
  },
  {
    name: 'wrong-password-ppp',
    modem: 'ec200a',
    mode: 'ppp',
    trouble: 'the password is wrong',
    codes: ['bearer.auth-failed'],
    profile: wrongPassword,
    withinS: 180,
  },
  {
    name: 'wrong-password-qmi',
    modem: 'mc7455',
    mode: 'qmi',
    trouble: 'the password is wrong',
    codes: ['bearer.auth-failed'],
    profile: wrongPassword,
    withinS: 180,
  },
  {
    name: 'silent-qmi',
    modem: 'ec25',
    mode: 'qmi',
    trouble: 'the QMI control port never answers',
    codes: ['control.timeout'],
    behaviours: [{ kind: 'qmi-silent' }],
    withinS: 180,
  },
  {
    name: 'pin-required',
    modem: 'ec25',
    mode: 'qmi',
    trouble: 'the card asks for a PIN that nobody gave',
    codes: ['pin.none-given'],
    cardPin: '4711',
    withinS: 120,
  },
  {
    name: 'denied',
    modem: 'mc7455',
    mode: 'mbim',
    trouble: 'the network denies registration',
    codes: ['network.denied'],
    behaviours: [{ kind: 'denies-registration' }],
    withinS: 150,
  },
  {
    name: 'no-dhcp',
    modem: 'ec200a',
    mode: 'ecm',
    trouble: 'no DHCP server answers',
    codes: ['bearer.no-dhcp'],
    behaviours: [{ kind: 'no-dhcp' }],
    withinS: 180,
  },
  {
    name: 'black-hole',
    modem: 'ec200a',
    mode: 'rndis',
    trouble: 'the bearer carries nothing',
    codes: ['bearer.no-traffic'],
    profile: { apn: accessPoints.island },
    withinS: 180,
  },
  {
    name: 'silent-lcp',
    modem: 'bg96',
    mode: 'ppp',
    trouble: 'the PPP peer never says a word',
    codes: ['ppp.peer-silent'],
    behaviours: [{ kind: 'lcp-silent' }],
    withinS: 200,
  },
  {
    name: 'dead-lcp',
    modem: 'ec25',
    mode: 'ppp',
    trouble: 'the PPP peer stops answering echoes',
    codes: ['ppp.peer-dead', 'bearer.no-traffic'],
    behaviours: [{ kind: 'lcp-black-hole', afterMs: 15_000 }],
    withinS: 240,
  },
  {
    name: 'no-carrier',
    modem: 'bg96',
    mode: 'ppp',
    trouble: 'the carrier drops soon after each dial',
    codes: ['bearer.no-carrier'],
    behaviours: [{ kind: 'drops-carrier', afterMs: 8000 }],
    withinS: 200,
  },
];

const workProfile = { apn: accessPoints.internet, ipType: 'ipv4', auth: 'none', roaming: true } as const;

async function run({ gateway, site, say, directory, name }: Telling, failure: Failure): Promise<void> {
  const { modem, mode, profile = {}, behaviours, cardPin, denied, codes } = failure;
  const device = await commission(site, { name, directory, profile: { ...workProfile, dataMode: mode, ...profile } });
  // Ethernet is the path that tells of it.
  const agent = await startAgent(gateway.guest, { device, directory, config: { mqttOver: 'any' } });
  const laid = await gateway.layOne({
    name: modem,
    mode,
    ...(behaviours === undefined ? {} : { behaviours }),
    ...(cardPin === undefined ? {} : { pin: cardPin }),
  });
  if (denied) gateway.network.deny(laid.simulated.sim?.imsi ?? '');
  laid.usb.plug();
  const plugged = performance.now();
  const told = await untilReported(
    device,
    codes.join(' or '),
    ({ reported }) => reported?.modems.some(({ fault }) => fault !== null && codes.includes(fault.code)) ?? false,
    failure.withinS * 1000,
  );
  const fault = told.reported?.modems[0]?.fault;
  say(
    `${fault?.code} after ${Math.round((performance.now() - plugged) / 1000)} s, with the modem's words: ${fault?.evidence.join(' | ').slice(0, 200)}`,
  );
  claim('who reports is online', told.online);
  if (cardPin !== undefined) claim('no PIN was tried', laid.simulated.sim?.wrongTries() === 0, laid.simulated.sim?.wrongTries());
  await agent.stop();
}

const story = (failure: Failure): Story => ({
  name: `fails-${failure.name}`,
  sentence: `When ${failure.trouble} (${failure.modem}, ${failure.mode}), the control plane hears ${failure.codes.join(' or ')}, over Ethernet.`,
  family: modemKinds[failure.modem].family,
  proves: [],
  boundMs: (failure.withinS + 90) * 1000,
  run: (telling) => run(telling, failure),
});

export const failureStories: readonly Story[] = failures.map(story);
