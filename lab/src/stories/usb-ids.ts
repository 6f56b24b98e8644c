import type { DataMode } from '@towline/modem';
import { claim } from '../gateway/expect.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { boundDrivers, type KernelDriver, untilBound, untilGone } from '../gateway/usb-in-guest.ts';
import { waitFor } from '../patience.ts';
import type { Story } from './story.ts';

const sierra: readonly (readonly [number, KernelDriver])[] = [
  [0, 'qcserial'],
  [2, 'qcserial'],
  [3, 'qcserial'],
];
const qmi = new Map<number, KernelDriver>([...sierra, [8, 'qmi_wwan']]);
const mbim = new Map<number, KernelDriver>([...sierra, [12, 'cdc_mbim'], [13, 'cdc_mbim']]);

interface Rebadged {
  readonly name: string;
  readonly sold: string;
  readonly vidPid: string;
  readonly mode: DataMode;
  readonly expected: ReadonlyMap<number, KernelDriver>;
}

const rebadged: readonly Rebadged[] = [
  { name: 'lenovo', sold: 'Lenovo', vidPid: '1199:9079', mode: 'qmi', expected: qmi },
  { name: 'dell', sold: 'Dell', vidPid: '413c:81b6', mode: 'mbim', expected: mbim },
];

function plain(modem: ModemName) {
  return { family: modemKinds[modem].family, proves: [], boundMs: 120_000 };
}

const rebadgedStory = ({ name, sold, vidPid, mode, expected }: Rebadged): Story => ({
  ...plain('em7455'),
  name: `enumerate-${name}-${mode}`,
  sentence: `An EM7455 as ${sold} sells it, under ${vidPid}, is bound like its own kind in ${mode} mode.`,
  async run({ gateway, say }) {
    const { usbPath } = await gateway.layOne({ name: 'em7455', mode, vidPid, plugged: true });
    await untilBound(gateway.guest, usbPath, expected);
    say(`bound under ${vidPid}`);
  },
});

/** With the id of a listed sibling as reference the driver takes that one's layout, and leaves interface 8 to qmi_wwan. */
const rescues = [
  { path: '/sys/bus/usb-serial/drivers/qcserial/new_id', text: '1199 90c3 0 1199 9091' },
  { path: '/sys/bus/usb/drivers/qmi_wwan/new_id', text: '1199 90c3' },
] as const;

const unlisted: Story = {
  ...plain('em7565'),
  name: 'enumerate-em7565-unlisted',
  sentence:
    'An EM7565 under 1199:90c3, which the kernel does not list, is bound by nobody until its id is given to the drivers at run time.',
  proves: ['0.2'],
  async run({ gateway, say }) {
    const { guest } = gateway;
    const { usbPath } = await gateway.layOne({ name: 'em7565', mode: 'qmi', vidPid: '1199:90c3', plugged: true });
    const product = () => guest.read(`/sys/bus/usb/devices/${usbPath}/idProduct`);
    await waitFor('1199:90c3 on the bus', async () => ((await product())?.trim() === '90c3' ? true : null), { timeoutMs: 60_000 });
    await guest.run(['modprobe', '-a', 'qcserial', 'qmi_wwan']);
    claim('no driver takes it', (await boundDrivers(guest, usbPath)).size === 0, usbPath);
    for (const { path, text } of rescues) await guest.write(path, text);
    await untilBound(guest, usbPath, qmi);
    say('bound after new_id, with 1199:9091 as reference');
  },
};

const bootLoader: Story = {
  ...plain('em7565'),
  name: 'enumerate-em7565-boot',
  sentence: 'A modem that waits for firmware shows one port under its boot id, and comes back as a modem afterwards.',
  async run({ gateway, say }) {
    const { guest } = gateway;
    const { usb, usbPath } = await gateway.layOne({ name: 'em7565', mode: 'qmi', plugged: true });
    await untilBound(guest, usbPath, qmi);
    usb.setBootMode(true);
    await untilBound(guest, usbPath, new Map([[0, 'qcserial']]));
    const product = await guest.read(`/sys/bus/usb/devices/${usbPath}/idProduct`);
    claim('its id is 1199:9090', product?.trim() === '9090', product);
    usb.setBootMode(false);
    await untilBound(guest, usbPath, qmi);
    say('in the boot loader and back');
  },
};

const badWiring: Story = {
  ...plain('bg96'),
  name: 'bad-wiring-bg96',
  sentence: 'A badly wired modem does not enumerate: the kernel says error -71 and gives up; once mended it comes up.',
  proves: ['0.9'],
  async run({ gateway, say }) {
    const { guest } = gateway;
    const { usb, simulated, usbPath } = await gateway.layOne({ name: 'bg96' });
    const mend = simulated.misbehave({ kind: 'usb-errors' });
    usb.plug();
    const gaveUp = async () => ((await guest.run(['dmesg'])).out.includes('unable to enumerate USB device') ? true : null);
    await waitFor('the kernel to give up', gaveUp, { timeoutMs: 60_000, everyMs: 500 });
    const { out } = await guest.run(['dmesg']);
    claim('the kernel says why', out.includes('device descriptor read/64, error -71'), out.slice(-500));
    usb.unplug();
    mend();
    usb.plug();
    await untilBound(
      guest,
      usbPath,
      new Map<number, KernelDriver>([...[0, 1, 2, 3].map((at) => [at, 'option'] as const), [4, 'qmi_wwan']]),
    );
    say('error -71 and unable to enumerate, and bound after mending');
    usb.unplug();
    await untilGone(guest, usbPath);
  },
};

export const usbIdStories: readonly Story[] = [...rebadged.map(rebadgedStory), unlisted, bootLoader, badWiring];
