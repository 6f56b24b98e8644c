import type { ManualClock } from '@towline/kit';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import { createQmiPeer, type QmiPeer } from '../qmi/create-qmi-peer.ts';
import { decodeQmux, encodeQmux, type QmiMessage } from '../qmi/qmux.ts';
import { type QmiServiceName, qmiServices } from '../qmi/service-ids.ts';
import { type Tlv, type Tlvs, tlv, tlvsOf } from '../qmi/tlv.ts';

/** What came back: `error` is the QMI protocol error, 0 is success. */
export interface QmiReply {
  readonly error: number;
  readonly output: Tlvs;
}

/** A host on a QMI control channel, for the tests of this package. */
export interface QmiHost {
  readonly peer: QmiPeer;
  /** Asks as a client of the service, one that this host allocated or `client`. Null: no answer within 30 s. */
  ask(service: QmiServiceName, id: number, request?: { tlvs?: readonly Tlv[]; client?: number }): Promise<QmiReply | null>;
  /** @returns a client id, or the protocol error as a negative number */
  allocate(service: QmiServiceName): Promise<number>;
  /** Indications so far. */
  readonly indications: readonly QmiMessage[];
}

const longestWaitMs = 30_000;
const stepMs = 5;

export function qmiHost(modem: SimulatedModem, clock: ManualClock): QmiHost {
  const peer = createQmiPeer(modem);
  const indications: QmiMessage[] = [];
  const responses = new Map<number, QmiMessage>();
  const clients = new Map<QmiServiceName, number>();
  let transaction = 0;
  peer.onMessage((bytes) => {
    const message = decodeQmux(bytes);
    if (message?.kind === 'indication') indications.push(message);
    else if (message) responses.set(message.transaction, message);
  });
  const send = async (message: Omit<QmiMessage, 'transaction' | 'kind'>): Promise<QmiReply | null> => {
    transaction = (transaction % 250) + 1;
    responses.delete(transaction);
    peer.receive(encodeQmux({ ...message, kind: 'request', transaction }, 'host'));
    for (let waited = 0; waited < longestWaitMs && !responses.has(transaction); waited += stepMs) await clock.advance(stepMs);
    const response = responses.get(transaction);
    if (!response) return null;
    const output = tlvsOf(response.tlvs);
    const result = output.reader(2);
    result?.u16();
    return { error: result?.u16() ?? -1, output };
  };
  const allocate = async (service: QmiServiceName): Promise<number> => {
    const number = qmiServices[service];
    const reply = await send({ service: 0, client: 0, id: 0x22, tlvs: [tlv(1, (writer) => writer.u8(number))] });
    const reader = reply?.output.reader(1);
    reader?.u8();
    return reader?.u8() ?? -(reply?.error ?? 0);
  };
  const clientOf = async (service: QmiServiceName): Promise<number> => {
    if (service === 'CTL') return 0;
    const client = clients.get(service) ?? (await allocate(service));
    clients.set(service, client);
    return client;
  };
  return {
    peer,
    indications,
    allocate,
    async ask(service, id, request = {}) {
      const client = request.client ?? (await clientOf(service));
      return await send({ service: qmiServices[service], client, id, tlvs: request.tlvs ?? [] });
    },
  };
}
