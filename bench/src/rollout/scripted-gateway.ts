import type { Session, Transport } from '@towline/agent';
import { type DeviceAddress, downFilter, upTopic } from '@towline/protocol';
import * as z from 'zod/mini';

/** What is looked at of a target: the document would be dialled by. */
const targetSchema = z.object({ version: z.object({ epoch: z.int(), number: z.int() }), digest: z.string() });
type Target = z.infer<typeof targetSchema>;

const epoch = 'benchmrk';
const timeoutMs = 60_000;

const modem = {
  id: '1-1',
  model: 'ec25',
  product: 'EC25',
  imei: '350000000000001',
  firmware: 'EC25EFAR06A06M4G',
  connection: 'verified',
  sim: { state: 'ready', iccid: '8988001010000000001', imsi: '001010000000001', homePlmn: '00101' },
  registration: { state: 'home', rat: 'lte', servingPlmn: '00101', operator: 'Polder', area: '1A2B', cell: '1C2D3E' },
  signal: { rssiDbm: -67, rsrpDbm: -97, rsrqDb: -11.5, sinrDb: 13 },
  bearer: { requestedApn: 'fleet.polder', apn: 'fleet.polder', ipType: 'ipv4', dataMode: 'ecm', addresses: ['10.20.1.2'] },
  profileRef: null,
  rule: null,
  fault: null,
};

/** One gateway that does at once what it is told, and says so as an agent does: first that it has it, then that it is done. */
export class ScriptedGateway {
  readonly #address: DeviceAddress;
  readonly #url: string;
  readonly #transport: Transport;
  #sequence = 0;

  constructor(device: string, url: string, transport: Transport) {
    this.#address = { tenant: 'main', device };
    this.#url = url;
    this.#transport = transport;
  }

  /** Resolves once its hello is on its way. @throws Fault `link.unreachable` */
  async start(): Promise<void> {
    const { device } = this.#address;
    const account = { clientId: device, username: device, password: device };
    const session = await this.#transport.connect({ url: this.#url, ...account, keepaliveS: 0, timeoutMs });
    session.onMessage((topic, payload) => {
      if (topic.endsWith('/target')) this.#apply(targetSchema.parse(JSON.parse(payload)), session);
    });
    await session.subscribe(downFilter(this.#address));
    const hello = { protocol: 1, agent: 'bench', boot: device, connection: 2, nonce: 'benchmark', held: { target: null } };
    const stream = { epoch, sequence: this.#sequence };
    await this.#publish(session, 'hello', { ...hello, stream, fingerprint: { boardSerial: device, imeis: [] } });
  }

  #apply({ version, digest }: Target, session: Session): void {
    void this.#publish(session, 'held', { version, digest });
    this.#sequence += 1;
    const envelope = { epoch, sequence: this.#sequence, base: this.#sequence, sentAt: Date.now() };
    const state = { held: { target: version }, target: { version, digest, status: 'applied' }, uptimeS: 60, modems: [modem] };
    void this.#publish(session, 'state', { ...envelope, ...state });
  }

  #publish(session: Session, channel: 'hello' | 'held' | 'state', message: object): Promise<void> {
    return session.publish(upTopic(this.#address, channel), JSON.stringify(message));
  }
}
