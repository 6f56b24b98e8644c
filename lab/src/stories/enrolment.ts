import { startAgent } from '../gateway/agent-in-guest.ts';
import { claim, must } from '../gateway/expect.ts';
import { box } from '../gateway/lab-device.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { modemKinds } from '../gateway/modem-kinds.ts';
import { untilReported } from '../gateway/reported.ts';
import type { Story, Telling } from './story.ts';

/** From a cold plug to an identity, and from a target to the bearer that it asks for. */
const enrolMs = 240_000;

async function enrol({ gateway, site, say, directory, name }: Telling): Promise<void> {
  const { guest } = gateway;
  const gatewayBox = await box(site, { name, directory });
  const bootstrap = { apn: accessPoints.internet, dataMode: 'qmi' } as const;
  const agent = await startAgent(guest, { device: gatewayBox, directory, config: { bootstrap } });
  // Only the operator's resolvers know the control plane's name.
  await guest.write('/etc/hosts', '127.0.0.1 localhost\n');
  const laid = await gateway.layOne({ name: 'ec25', mode: 'qmi' });
  laid.usb.plug();
  const device = await gatewayBox.enrolled();
  say(`${device.id} has enrolled by the bootstrap profile, with no other uplink`);
  const seen = await untilReported(device, 'a first report', ({ reported }) => (reported?.modems.length ?? 0) > 0, enrolMs);
  claim('it dials with the bootstrap profile', seen.reported?.modems[0]?.profileRef === 'bootstrap@1', seen.reported?.modems[0]);
  await gatewayBox.assign(device.id, { apn: accessPoints.dual, ipType: 'ipv4', auth: 'none', dataMode: 'qmi', roaming: true });
  const told = await untilReported(
    device,
    'the bearer of its first target',
    ({ online, reported }) =>
      Boolean(online && reported?.modems.some(({ connection, bearer }) => connection === 'verified' && bearer?.apn === accessPoints.dual)),
    enrolMs,
  );
  say(`its first target holds: ${told.reported?.modems[0]?.bearer?.apn}`);
  await agent.stop();
}

/** Ethernet stays as the lab's own way to the guest, and leads nowhere else meanwhile. */
async function run(telling: Telling): Promise<void> {
  const { guest } = telling.gateway;
  const [route = ''] = (await must(guest, ['ip', 'route', 'show', 'default'])).trim().split('\n');
  const words = route.trim().split(/\s+/);
  await must(guest, ['ip', 'route', 'del', ...words]);
  try {
    await enrol(telling);
  } finally {
    await guest.run(['ip', 'route', 'add', ...words]);
  }
}

export const enrolmentStories: readonly Story[] = [
  {
    name: 'enrol-over-bearer-ec25',
    sentence:
      'A gateway that never enrolled and has no uplink but its modem dials with the profile of its configuration, enrols over that bearer, gets its target and follows it.',
    family: modemKinds.ec25.family,
    proves: [],
    boundMs: 3 * enrolMs,
    run,
  },
];
