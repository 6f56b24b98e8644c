import { type Agent, agentConfigSchema, createAgent, memoryStore, type Transport } from '@towline/agent';
import { nodeIds, nodeRandom, nodeVault, systemClock } from '@towline/agent/node';
import { seededRandom, silentLog } from '@towline/kit';
import { createOperatorNetwork, createSimulatedModem, simulatedSerialPorts, simulatedSim } from '@towline/simulator';

const plmn = '00101';
/** What a gateway finds, and what it may be led to. */
export const accessPoints = ['polder.internet', 'fleet.polder'] as const;
const atPort = '/dev/modem0-at';

const network = createOperatorNetwork({
  plmn,
  name: 'Polder Mobile',
  rats: ['lte'],
  accessPoints: accessPoints.map((name) => ({ name, ipTypes: ['ipv4'] })),
});

/** Its answers take no time, and its radio neither: with thousands in one process the waits would cost more than the answers. */
const timing = { minDelayMs: 0, maxDelayMs: 0, chunks: 'whole' } as const;

/**
 * The real agent with its real stores' documents, in RAM, and a simulated EC25 in ECM on a bearer that only its configuration knows. It is enrolled
 * as `device`, whose secret is its id.
 * @param place which one it is, from 0
 */
export function agentGateway(device: string, place: number, { url, transport }: { url: string; transport: Transport }): Agent {
  const digits = String(place).padStart(9, '0');
  const modem = createSimulatedModem({
    model: 'ec25',
    dataMode: 'ecm',
    imei: `350001${digits}`,
    network,
    sim: simulatedSim({ iccid: `8988${plmn}0${digits}`, imsi: `${plmn}0${digits}` }),
    contexts: { 1: { type: 'IP', accessPoint: accessPoints[0] } },
    timing,
    hasInstantRadio: true,
    clock: systemClock,
    random: seededRandom(place),
  });
  const config = agentConfigSchema.parse({
    controlPlane: { url: 'http://127.0.0.1' },
    claimToken: 'not asked for',
    modems: [{ id: 'modem0', atPort }],
    bootstrap: { apn: accessPoints[0] },
  });
  return createAgent({
    config,
    ports: {
      serialPorts: simulatedSerialPorts(new Map([[atPort, { modem, role: 'at' as const }]])),
      transport,
      enrolment: { enrol: () => Promise.resolve({ ok: true, tenant: 'main', device, mqttUrl: url }) },
      store: memoryStore(),
      vault: nodeVault,
      ids: { ...nodeIds, secret: () => device },
      clock: systemClock,
      random: nodeRandom,
      log: silentLog,
      hostFacts: { bootId: nodeIds.nonce(), boardSerial: device, uptimeS: () => process.uptime() },
    },
  });
}
