import { join } from 'node:path';
import { type Agent, memoryStore, type Transport } from '@towline/agent';
import { systemClock } from '@towline/agent/node';
import { type AgentProcess, simulatedAgent, startAgentProcess } from '@towline/demo';
import { type Clock, seededRandom } from '@towline/kit';
import {
  type BearerAsk,
  createOperatorNetwork,
  demoFleet,
  demoOperators,
  type GatewayDescription,
  type OperatorNetwork,
  type SimulatedGateway,
  simulatedGateway,
} from '@towline/simulator';
import { isLinkCommand, recordedModem } from './recorded-modem.ts';

const seed = 4;

/** The carrier of every gateway here, unless a story says otherwise. */
export const homePlmn = '00101';

/** What a card of this carrier is dialled with when nobody says otherwise. */
export const ownAccessPoint = (plmn: string): string => demoOperators.find((one) => one.plmn === plmn)?.accessPoints[0]?.name ?? '';

/** A simulated fleet that remembers what was done to its links. */
export interface TappedFleet {
  readonly gateways: readonly SimulatedGateway[];
  /** Every bearer that any modem asked the operator for. In the order they came; grows for as long as the fleet lives. */
  readonly asks: readonly BearerAsk[];
  /** Every command that could move a link, as `<board serial> <line>`. */
  readonly linkCommands: readonly string[];
}

function tapped(network: OperatorNetwork, asks: BearerAsk[]): OperatorNetwork {
  return {
    ...network,
    activate(ask) {
      asks.push(ask);
      return network.activate(ask);
    },
  };
}

/** One gateway of this model with a card of this carrier. */
function describeGateway(model: string, index: number, plmn: string): GatewayDescription {
  const { gateways } = demoFleet(seededRandom(seed), 0);
  const found = gateways.flatMap(({ modems }) => modems).find((modem) => modem.model === model);
  if (!found) throw new Error(`the demo fleet has no ${model}`);
  const imsi = `${plmn}${String(index + 1).padStart(10, '0')}`;
  const modem = { ...found, operator: plmn, accessPoint: ownAccessPoint(plmn), sim: { ...found.sim, imsi } };
  return { boardSerial: `E2E-${index}-${model}`, site: 'north', modems: [modem] };
}

/** One gateway for each model, at these carriers by turns. @param clock of the modems */
export function raiseTappedFleet(
  models: readonly string[],
  clock: Clock = systemClock,
  plmns: readonly string[] = [homePlmn],
): TappedFleet {
  const asks: BearerAsk[] = [];
  const networks = new Map(demoOperators.map((options) => [options.plmn, tapped(createOperatorNetwork(options), asks)]));
  const world = { clock, random: seededRandom(seed) };
  const linkCommands: string[] = [];
  const gateways = models.map((model, index): SimulatedGateway => {
    const gateway = simulatedGateway(describeGateway(model, index, plmns[index % plmns.length] ?? homePlmn), networks, world);
    const note = (line: string) => {
      if (isLinkCommand(line)) linkCommands.push(`${gateway.boardSerial} ${line}`);
    };
    return { ...gateway, modems: gateway.modems.map((modem) => recordedModem(modem, note)) };
  });
  return { gateways, asks, linkCommands };
}

/** What a gateway's bearers are, by the operator's own books: as long as this stays the same, nothing was hung up or dialled. */
export function bearersOf({ modems }: SimulatedGateway): string[] {
  return modems.flatMap(({ state }) =>
    [...state.running.bearers].map(([context, { grant }]) => `${context} ${grant.accessPoint} ${grant.addresses.join(' ')}`),
  );
}

/** Where a gateway enrols. */
export interface EnrolmentPlace {
  readonly url: string;
  readonly claimToken: string;
  /** Of agents that are processes, over our own. */
  readonly environment?: Readonly<Record<string, string>>;
}

const telemetry = { sampleS: 10, batch: 1 };

/** The gateway's agent in this process. @param clock the device's own time, which its modems must share */
export function agentInProcess(
  gateway: SimulatedGateway,
  { url, claimToken, transport }: EnrolmentPlace & { readonly transport?: Transport },
  clock: Clock = systemClock,
): Agent {
  const place = { gateway, name: gateway.boardSerial, controlPlaneUrl: url, claimToken };
  return simulatedAgent({ ...place, store: memoryStore(), telemetry, clock, ...(transport ? { transport } : {}) });
}

/** The gateway's agent as a process of its own, its modem on pseudo terminals; again in the same directory, it is the same device. */
export function agentProcess(gateway: SimulatedGateway, place: EnrolmentPlace, storyDirectory: string): AgentProcess {
  const { url, claimToken, environment = {} } = place;
  return startAgentProcess({
    gateway,
    directory: join(storyDirectory, 'gateways', gateway.boardSerial),
    config: { controlPlane: { url }, claimToken, name: gateway.boardSerial, telemetry },
    clock: systemClock,
    environment,
  });
}
