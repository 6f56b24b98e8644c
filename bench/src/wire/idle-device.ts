import { type Agent, agentConfigSchema, createAgent, memoryStore, type Transport } from '@towline/agent';
import { httpEnrolment, nodeIds, nodeRandom, nodeVault } from '@towline/agent/node';
import { type Clock, silentLog } from '@towline/kit';
import { type SimulatedGateway, simulatedSerialPorts } from '@towline/simulator';

export interface IdleDeviceOptions {
  readonly gateway: SimulatedGateway;
  readonly controlPlaneUrl: string;
  readonly claimToken: string;
  readonly clock: Clock;
  readonly transport: Transport;
}

/** The real agent with every setting at its default, its modem simulated in this process. */
export function idleDevice({ gateway, controlPlaneUrl, claimToken, clock, transport }: IdleDeviceOptions): Agent {
  const [modem] = gateway.modems;
  const atPort = '/dev/modem0-at';
  const config = agentConfigSchema.parse({ controlPlane: { url: controlPlaneUrl }, claimToken, modems: [{ id: 'modem0', atPort }] });
  return createAgent({
    config,
    ports: {
      serialPorts: simulatedSerialPorts(new Map(modem ? [[atPort, { modem, role: 'at' as const }]] : [])),
      transport,
      enrolment: httpEnrolment(controlPlaneUrl),
      store: memoryStore(),
      vault: nodeVault,
      ids: nodeIds,
      clock,
      random: nodeRandom,
      log: silentLog,
      hostFacts: { bootId: nodeIds.nonce(), boardSerial: gateway.boardSerial, uptimeS: () => clock.monotonicMs() / 1000 },
    },
  });
}
