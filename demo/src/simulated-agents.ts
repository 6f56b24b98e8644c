import { type Agent, agentConfigSchema, createAgent, type Store, type Transport } from '@towline/agent';
import { httpEnrolment, mqttTransport, nodeIds, nodeRandom, nodeVault, systemClock } from '@towline/agent/node';
import { type Clock, silentLog } from '@towline/kit';
import { type PortPlace, type SimulatedGateway, simulatedSerialPorts } from '@towline/simulator';

/** How one simulated gateway's agent is set up. */
export interface SimulatedAgentOptions {
  readonly gateway: SimulatedGateway;
  readonly name: string;
  readonly controlPlaneUrl: string;
  readonly claimToken: string;
  /** What survives a restart of the agent. */
  readonly store: Store;
  readonly telemetry: { readonly sampleS: number; readonly batch: number };
  /** Seconds between state reports of an unchanged device; the agent's default without it. */
  readonly stateBeatS?: number;
  /** Sessions with the broker; real ones without it. */
  readonly transport?: Transport;
  /** The device's own time; that of this process without it. */
  readonly clock?: Clock;
}

const atPort = (index: number) => `/dev/modem${index}-at`;
const pppPort = (index: number) => `/dev/modem${index}-ppp`;

/** The real agent on simulated modems in this process: its own core, link and store over ports of the simulator. */
export function simulatedAgent(options: SimulatedAgentOptions): Agent {
  const {
    gateway,
    name,
    controlPlaneUrl,
    claimToken,
    store,
    telemetry,
    stateBeatS,
    transport = mqttTransport,
    clock = systemClock,
  } = options;
  const places = new Map(
    gateway.modems.flatMap((modem, index): [string, PortPlace][] => [
      [atPort(index), { modem, role: 'at' }],
      [pppPort(index), { modem, role: 'ppp' }],
    ]),
  );
  const config = agentConfigSchema.parse({
    controlPlane: { url: controlPlaneUrl },
    claimToken,
    name,
    modems: gateway.modems.map((_, index) => ({ id: `modem${index}`, atPort: atPort(index), pppPort: pppPort(index) })),
    telemetry,
    ...(stateBeatS === undefined ? {} : { stateBeatS }),
  });
  const bootId = nodeIds.nonce();
  return createAgent({
    config,
    ports: {
      serialPorts: simulatedSerialPorts(places),
      transport,
      enrolment: httpEnrolment(controlPlaneUrl),
      store,
      vault: nodeVault,
      ids: nodeIds,
      clock,
      random: nodeRandom,
      log: silentLog,
      hostFacts: { bootId, boardSerial: gateway.boardSerial, uptimeS: () => process.uptime() },
    },
  });
}
