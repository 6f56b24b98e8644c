import { execFile } from 'node:child_process';
import { type Clock, seededRandom } from '@towline/kit';
import {
  type Behaviour,
  createMbimPeer,
  createOperatorNetwork,
  createQmiPeer,
  createSimulatedModem,
  type SimulatedModem,
  simulatedSim,
} from '@towline/simulator';
import { type ServedControlChannel, serveControlChannel } from '@towline/simulator/node';

const clock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** What a tool said and how it ended. */
export interface ToolRun {
  readonly status: number;
  /** Output and complaints, without the warnings about a tty being no cdc-wdm. */
  readonly text: string;
}

/** A simulated modem whose control channel stands open to qmicli or mbimcli. */
export interface ToolTable {
  readonly modem: SimulatedModem;
  run(...argv: readonly string[]): Promise<ToolRun>;
  close(): void;
}

const toolMs = 20_000;

function runTool(program: string, argv: readonly string[]): Promise<ToolRun> {
  return new Promise((resolve) => {
    execFile(program, argv, { timeout: toolMs }, (error, stdout, stderr) => {
      const lines = `${stdout}${stderr}`.split('\n').filter((line) => !line.includes('unexpected'));
      const code = error === null ? 0 : error.code;
      resolve({ status: typeof code === 'number' ? code : 1, text: lines.join('\n') });
    });
  });
}

function toolTable(protocol: 'qmi' | 'mbim', model: string, options: { pin?: string; behaviours?: readonly Behaviour[] }): ToolTable {
  const modem = createSimulatedModem({
    model,
    imei: '490154203237518',
    network: createOperatorNetwork({
      plmn: '00101',
      name: 'Polder Mobile',
      rats: ['lte', 'lte-m'],
      accessPoints: [
        { name: 'fleet.north', ipTypes: ['ipv4'] },
        { name: 'fleet.dual', ipTypes: ['ipv4', 'ipv6'] },
        { name: 'fleet.secret', ipTypes: ['ipv4'], auth: { username: 'gate', password: 'keep' } },
        { name: 'fleet.other', ipTypes: ['ipv4'], subscribers: ['001010000000099'] },
      ],
    }),
    sim: simulatedSim({
      iccid: '8900101000000000071',
      imsi: '001010000000007',
      ...(options.pin === undefined ? {} : { pin: options.pin }),
    }),
    clock,
    random: seededRandom(5),
    dataMode: protocol,
    contexts: { 1: { type: 'IP', accessPoint: 'fleet.north' } },
    behaviours: options.behaviours ?? [],
  });
  const peer = protocol === 'qmi' ? createQmiPeer(modem) : createMbimPeer(modem);
  const served: ServedControlChannel = serveControlChannel(peer, { clock, protocol });
  const program = protocol === 'qmi' ? ['qmicli', '--device-open-qmi'] : ['mbimcli'];
  return {
    modem,
    run: (...argv) => runTool(program[0] ?? '', ['-d', served.path, ...program.slice(1), ...argv]),
    close() {
      served.close();
      peer.close();
    },
  };
}

export const qmicliOn = (model: string, options: { pin?: string; behaviours?: readonly Behaviour[] } = {}) =>
  toolTable('qmi', model, options);
export const mbimcliOn = (model: string, options: { pin?: string } = {}) => toolTable('mbim', model, options);

/** The value behind `name:` in a tool's output, its quotes taken off. */
export function valueOf(text: string, name: string): string | undefined {
  const line = text.split('\n').find((one) => one.trim().startsWith(`${name}:`));
  return line
    ?.slice(line.indexOf(':') + 1)
    .trim()
    .replaceAll("'", '');
}
