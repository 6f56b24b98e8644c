import { type ManualClock, manualClock, seededRandom } from '@towline/kit';
import type { SerialPort } from '@towline/modem';
import type { CoreNetwork } from '../core-network/core-network.ts';
import type { PortRole } from '../modem/modem-state.ts';
import { createSimulatedModem, type SimulatedModem, type SimulatedModemOptions } from '../modem/simulated-modem.ts';
import { type SimulatedSim, simulatedSim } from '../modem/simulated-sim.ts';
import { createOperatorNetwork, type OperatorNetwork } from '../network/operator-network.ts';

/** One modem on a table, with a card, a network and a clock that stands still: for the tests of this package. */
export interface Bench {
  readonly clock: ManualClock;
  readonly network: OperatorNetwork;
  readonly sim: SimulatedSim;
  readonly modem: SimulatedModem;
}

export const imsi = '001010000000007';

export function benchNetwork(core?: CoreNetwork): OperatorNetwork {
  return createOperatorNetwork({
    ...(core ? { core } : {}),
    plmn: '00101',
    name: 'Polder Mobile',
    rats: ['nr-sa', 'lte', 'lte-m'],
    accessPoints: [
      { name: 'fleet.north', ipTypes: ['ipv4'] },
      { name: 'fleet.dual', ipTypes: ['ipv4', 'ipv6'] },
      { name: 'fleet.secret', ipTypes: ['ipv4'], auth: { username: 'gate', password: 'keep' } },
      { name: 'fleet.other', ipTypes: ['ipv4'], subscribers: ['001010000000099'] },
      { name: 'fleet.barred', ipTypes: ['ipv4'], barred: true },
      { name: 'fleet.island', ipTypes: ['ipv4'], reaches: [] },
    ],
  });
}

export function bench(model: string, options: Partial<SimulatedModemOptions> = {}): Bench {
  const clock = manualClock();
  const network = options.network ?? benchNetwork();
  const sim = options.sim ?? simulatedSim({ iccid: '8900101000000000071', imsi });
  const modem = createSimulatedModem({
    model,
    imei: '490154203237518',
    sim,
    clock,
    random: seededRandom(7),
    contexts: { 1: { type: 'IP', accessPoint: 'fleet.north' } },
    ...options,
    network,
  });
  return { clock, network, sim, modem };
}

export interface Console {
  readonly port: SerialPort;
  /** All that came so far. */
  heard(): string;
  /** Writes a line and gives what comes within `waitMs`. */
  say(line: string, waitMs?: number): Promise<string>;
  /** Lines of the answer without echo, breaks and the final result `OK`. */
  ask(line: string): Promise<readonly string[]>;
}

export function connect(modem: SimulatedModem, clock: ManualClock, role: PortRole = 'at'): Console {
  const port = modem.openPort(role);
  let text = '';
  const decoder = new TextDecoder('latin1');
  port.onData((bytes) => {
    text += decoder.decode(bytes);
  });
  const say = async (line: string, waitMs = 2_000): Promise<string> => {
    const before = text.length;
    await port.write(new TextEncoder().encode(`${line}\r`));
    await clock.advance(waitMs);
    return text.slice(before);
  };
  return {
    port,
    heard: () => text,
    say,
    async ask(line) {
      const answer = await say(line);
      return answer.split(/[\r\n]+/).filter((one) => one !== '' && one !== line && one !== 'OK');
    },
  };
}
