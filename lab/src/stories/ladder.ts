import { startAgent } from '../gateway/agent-in-guest.ts';
import { claim, must } from '../gateway/expect.ts';
import { commission } from '../gateway/lab-device.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { modemKinds } from '../gateway/modem-kinds.ts';
import { untilReported } from '../gateway/reported.ts';
import type { Story, Telling } from './story.ts';

/** Three tries of a port that says nothing, a reset of the modem, a pause, the reset of its port, a dial; on an emulated processor. */
const climbMs = 780_000;

async function run({ gateway, site, say, directory, name }: Telling): Promise<void> {
  const profile = { apn: accessPoints.internet, ipType: 'ipv4', auth: 'none', dataMode: 'qmi', roaming: true } as const;
  const device = await commission(site, { name, directory, profile });
  // Ethernet tells of it meanwhile.
  const agent = await startAgent(gateway.guest, { device, directory, config: { mqttOver: 'any' } });
  const laid = await gateway.layOne({ name: 'ec25', mode: 'qmi', behaviours: [{ kind: 'qmi-silent', until: 'unconfigured' }] });
  laid.usb.plug();
  const isSilent = () => laid.simulated.behaviours.find('qmi-silent') !== undefined;
  await untilReported(
    device,
    'control.timeout',
    ({ reported }) => reported?.modems.some(({ fault }) => fault?.code === 'control.timeout') ?? false,
    climbMs / 2,
  );
  say('the QMI port says nothing, and the control plane knows');
  await untilReported(
    device,
    'a modem verified in qmi mode',
    ({ reported }) => reported?.modems.some(({ connection, bearer }) => connection === 'verified' && bearer?.dataMode === 'qmi') ?? false,
    climbMs,
  );
  claim('the port was silent until its USB port was reset', !isSilent());
  const authorized = await must(gateway.guest, ['cat', `/sys/bus/usb/devices/${laid.usbPath}/authorized`]);
  claim('the device has its authorization', authorized.trim() === '1', authorized);
  say('verified in qmi mode');
  await agent.stop();
}

export const ladderStories: readonly Story[] = [
  {
    name: 'ladder-usb-reset-ec25',
    sentence: 'A modem whose QMI port says nothing, after a reset of the modem neither, is online once the agent has reset its USB port.',
    family: modemKinds.ec25.family,
    proves: [],
    boundMs: climbMs + climbMs / 2,
    run,
  },
];
