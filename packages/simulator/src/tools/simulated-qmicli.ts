import type { Clock } from '@towline/kit';
import type { Argv, ProcessOutcome } from '@towline/modem';
import { formatIpv4Address, formatIpv6Address } from '../ip/address.ts';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import { createQmiPeer } from '../qmi/create-qmi-peer.ts';
import { qmiError } from '../qmi/qmi-error.ts';
import { decodeQmux, encodeQmux, type QmiMessage } from '../qmi/qmux.ts';
import { type QmiServiceName, qmiServices } from '../qmi/service-ids.ts';
import { type Tlv, type Tlvs, tlv, tlvsOf } from '../qmi/tlv.ts';
import { awaitAnswer, exited, noDevice, partOf, type SimulatedTool } from './tool-host.ts';

interface Reply {
  /** QMI protocol error; 0 is success. */
  readonly error: number;
  readonly output: Tlvs;
}

type Ask = (service: QmiServiceName, id: number, request: { client: number; tlvs?: readonly Tlv[] }) => Promise<Reply | null>;

const answerMs = 10_000;
const timedOut = exited(1, '', 'error: operation failed: Transaction timed out\n');
const errorNames = new Map<number, string>(Object.entries(qmiError).map(([name, number]) => [number, name]));

const u8 = (type: number, value: number) => tlv(type, (writer) => writer.u8(value));
const u32 = (type: number, value: number) => tlv(type, (writer) => writer.u32(value));
const text = (type: number, value: string) => ({ type, value: new TextEncoder().encode(value) });

function refused(what: string, { error, output }: Reply): ProcessOutcome {
  const reason = output.u16(0x10);
  const verbose = output.reader(0x11);
  const lines = [
    `error: couldn't ${what}: QMI protocol error (${error}): '${errorNames.get(error) ?? 'Unknown'}'`,
    ...(reason === null ? [] : [`call end reason (${reason})`]),
    ...(verbose ? [`verbose call end reason (${verbose.u16()},${verbose.u16()}): [3gpp]`] : []),
  ];
  return exited(1, '', `${lines.join('\n')}\n`);
}

/** WDS has IPv4 addresses as little-endian numbers. */
const ipv4 = (output: Tlvs, type: number) => {
  const bytes = output.reader(type)?.bytes(4);
  return bytes ? formatIpv4Address(Uint8Array.from(bytes).reverse()) : '0.0.0.0';
};
const ipv6 = (output: Tlvs, type: number) => {
  const reader = output.reader(type);
  return reader ? formatIpv6Address(reader.bytes(16)) : '::';
};

function settingsText(output: Tlvs): string {
  const mtu = `                 MTU: ${output.u32(0x29) ?? 0}\n             Domains: none\n`;
  if (output.u8(0x2b) === 6) {
    return (
      '[/dev/cdc-wdm0] Current settings retrieved:\n           IP Family: IPv6\n' +
      `        IPv6 address: ${ipv6(output, 0x25)}/64\nIPv6 gateway address: ${ipv6(output, 0x26)}/64\n` +
      `    IPv6 primary DNS: ${ipv6(output, 0x27)}\n  IPv6 secondary DNS: ${ipv6(output, 0x28)}\n${mtu}`
    );
  }
  return (
    '[/dev/cdc-wdm0] Current settings retrieved:\n           IP Family: IPv4\n' +
    `        IPv4 address: ${ipv4(output, 0x1e)}\n    IPv4 subnet mask: ${ipv4(output, 0x21)}\nIPv4 gateway address: ${ipv4(output, 0x20)}\n` +
    `    IPv4 primary DNS: ${ipv4(output, 0x15)}\n  IPv4 secondary DNS: ${ipv4(output, 0x16)}\n${mtu}`
  );
}

function startTlvs(option: string): readonly Tlv[] {
  const apn = partOf(option, 'apn');
  const profile = partOf(option, '3gpp-profile');
  return [
    ...(apn === null ? [] : [text(0x14, apn)]),
    ...(profile === null ? [] : [u8(0x31, Number(profile))]),
    u8(0x19, Number(partOf(option, 'ip-type') ?? 4)),
  ];
}

/** One action of the tool: what it asks, and what it prints of the answer. */
interface Action {
  readonly service: QmiServiceName;
  readonly id: number;
  readonly tlvs: readonly Tlv[];
  /** What could not be done, in the tool's words. */
  readonly what: string;
  readonly print: (output: Tlvs) => string;
}

function wdsAction(option: string): Action | null {
  const wds = (id: number, rest: Omit<Action, 'service' | 'id'>): Action => ({ service: 'WDS', id, ...rest });
  if (option.startsWith('--wds-start-network')) {
    const print = (output: Tlvs) => `[/dev/cdc-wdm0] Network started\n\tPacket data handle: '${output.u32(0x01) ?? 0}'\n`;
    return wds(0x20, { tlvs: startTlvs(option), what: 'start network', print });
  }
  if (option.startsWith('--wds-stop-network=')) {
    const handle = option.endsWith('=disable-autoconnect') ? 0xffff_ffff : Number(option.split('=')[1]);
    return wds(0x21, { tlvs: [u32(0x01, handle)], what: 'stop network', print: () => '[/dev/cdc-wdm0] Network stopped\n' });
  }
  if (option === '--wds-get-packet-service-status') {
    const print = (output: Tlvs) => `[/dev/cdc-wdm0] Connection status: '${output.u8(0x01) === 2 ? 'connected' : 'disconnected'}'\n`;
    return wds(0x22, { tlvs: [], what: 'get packet service status', print });
  }
  if (option !== '--wds-get-current-settings') return null;
  return wds(0x2d, { tlvs: [u32(0x10, 0xe338)], what: 'get current settings', print: settingsText });
}

function wdaAction(option: string): Action | null {
  const print = (output: Tlvs) =>
    `[/dev/cdc-wdm0] Successfully got data format\n   Link layer protocol: '${output.u32(0x11) === 2 ? 'raw-ip' : '802-3'}'\n`;
  if (option === '--wda-get-data-format') return { service: 'WDA', id: 0x21, tlvs: [], what: 'get data format', print };
  if (!option.startsWith('--wda-set-data-format')) return null;
  const wanted = partOf(option, 'link-layer-protocol') === 'raw-ip' ? 2 : 1;
  return { service: 'WDA', id: 0x20, tlvs: [u32(0x11, wanted)], what: 'set data format', print };
}

async function allocate(ask: Ask, service: QmiServiceName): Promise<Reply | null> {
  return ask('CTL', 0x22, { client: 0, tlvs: [u8(0x01, qmiServices[service])] });
}

function clientIn({ output }: Reply): number {
  const reader = output.reader(0x01);
  reader?.u8();
  return reader?.u8() ?? 0;
}

/** The whole of one call of the tool, behind qmi-proxy: the control channel stays open between calls. */
async function call(ask: Ask, argv: Argv): Promise<ProcessOutcome> {
  const option = argv.at(-1) ?? '';
  if (argv.includes('--device-open-sync') && !(await ask('CTL', 0x27, { client: 0 }))) return timedOut;
  const action = wdsAction(option) ?? wdaAction(option);
  const service = action?.service ?? 'WDS';
  const given = argv.find((word) => word.startsWith('--client-cid='))?.split('=')[1];
  const allocated = given === undefined ? await allocate(ask, service) : null;
  if (given === undefined && !allocated) return timedOut;
  if (allocated && allocated.error !== 0) return refused('create client for the service', allocated);
  const client = given === undefined && allocated ? clientIn(allocated) : Number(given);
  const reply = action && (await ask(service, action.id, { client, tlvs: action.tlvs }));
  if (action && !reply) return timedOut;
  const outcome = !action || !reply ? exited(0) : reply.error === 0 ? exited(0, action.print(reply.output)) : refused(action.what, reply);
  if (argv.includes('--client-no-release-cid')) {
    return { ...outcome, stdout: `${outcome.stdout}[/dev/cdc-wdm0] Client ID not released:\n\tService: 'wds'\n\t    CID: '${client}'\n` };
  }
  await ask('CTL', 0x23, { client: 0, tlvs: [tlv(0x01, (writer) => writer.u8(qmiServices[service]).u8(client))] });
  return outcome;
}

/** qmicli 1.32 behind qmi-proxy, in this process, as far as a data session asks. Texts: composed, as the tool prints them. */
export function simulatedQmicli(modem: SimulatedModem, clock: Clock): SimulatedTool {
  const peer = createQmiPeer(modem);
  let transaction = 0;
  const ask: Ask = async (service, id, { client, tlvs = [] }) => {
    transaction = (transaction % 250) + 1;
    const own = transaction;
    const answered = awaitAnswer<QmiMessage>(clock, answerMs, (answer) =>
      peer.onMessage((bytes) => {
        const message = decodeQmux(bytes);
        if (message?.kind === 'response' && message.transaction === own && message.service === qmiServices[service]) answer(message);
      }),
    );
    peer.receive(encodeQmux({ service: qmiServices[service], client, kind: 'request', transaction: own, id, tlvs }, 'host'));
    const response = await answered;
    if (!response) return null;
    const output = tlvsOf(response.tlvs);
    const result = output.reader(0x02);
    result?.u16();
    return { error: result?.u16() ?? 0, output };
  };
  return {
    run: async (argv) => (modem.present && modem.state.running.dataMode === 'qmi' ? call(ask, argv) : noDevice('QmiDevice')),
    close: () => peer.close(),
  };
}
