import { type Clock, Fault, type Random } from '@towline/kit';
import { createSimulatedModem, type SimulatedModem } from '../modem/simulated-modem.ts';
import { simulatedSim } from '../modem/simulated-sim.ts';
import { createOperatorNetwork, type OperatorNetwork } from '../network/operator-network.ts';
import type { FleetDescription, GatewayDescription, ModemDescription } from './demo-fleet.ts';

/** A Linux gateway as far as its modems go. */
export interface SimulatedGateway {
  readonly boardSerial: string;
  readonly site: string;
  readonly modems: readonly SimulatedModem[];
}

export interface SimulatedFleet {
  /** By PLMN. */
  readonly networks: ReadonlyMap<string, OperatorNetwork>;
  readonly gateways: readonly SimulatedGateway[];
}

export interface FleetWorld {
  readonly clock: Clock;
  readonly random: Random;
}

function raiseModem(modem: ModemDescription, networks: ReadonlyMap<string, OperatorNetwork>, world: FleetWorld): SimulatedModem {
  const network = networks.get(modem.operator);
  if (!network) throw new Fault('simulator.unknown-operator', `no operator ${modem.operator} in this fleet`);
  return createSimulatedModem({
    model: modem.model,
    imei: modem.imei,
    network,
    sim: simulatedSim(modem.sim),
    meanRsrpDbm: modem.meanRsrpDbm,
    contexts: { 1: { type: 'IP', accessPoint: modem.accessPoint } },
    ...(modem.dataMode ? { dataMode: modem.dataMode } : {}),
    ...world,
  });
}

/** Makes one described gateway. @throws Fault `simulator.unknown-operator`, `simulator.unknown-model` */
export function simulatedGateway(
  { boardSerial, site, modems }: GatewayDescription,
  networks: ReadonlyMap<string, OperatorNetwork>,
  world: FleetWorld,
): SimulatedGateway {
  return { boardSerial, site, modems: modems.map((modem) => raiseModem(modem, networks, world)) };
}

/** Makes the modems and networks of a description, running and registered. @throws Fault `simulator.unknown-operator` */
export function raiseFleet(description: FleetDescription, world: FleetWorld): SimulatedFleet {
  const networks = new Map(description.operators.map((operator) => [operator.plmn, createOperatorNetwork(operator)] as const));
  const gateways = description.gateways.map((gateway) => simulatedGateway(gateway, networks, world));
  return { networks, gateways };
}
