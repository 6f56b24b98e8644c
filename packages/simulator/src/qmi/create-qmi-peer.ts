import type { Cancel } from '@towline/kit';
import type { IpLink } from '../link/ip-link.ts';
import { CallLink } from '../modem/call-link.ts';
import type { ModemControl } from '../modem/modem-control.ts';
import type { IpFamily } from '../modem/packet-call.ts';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import { callFailure, reasonTlvs } from './call-end-reason.ts';
import { failure, type QmiAnswer, type QmiService } from './qmi-call.ts';
import { qmiError } from './qmi-error.ts';
import { createQmiSession, type LinkProtocol, type QmiSession } from './qmi-session.ts';
import { decodeQmux, encodeQmux, type QmiMessage } from './qmux.ts';
import { type QmiServiceName, qmiServices } from './service-ids.ts';
import { controlService } from './services/control.ts';
import { dmsService } from './services/dms.ts';
import { nasService, servingSystemTlvs } from './services/nas.ts';
import { uimService } from './services/uim.ts';
import { wdaService } from './services/wda.ts';
import { wdsService } from './services/wds.ts';
import { type Tlv, tlv, tlvsOf } from './tlv.ts';

/** The modem's end of one QMI control channel, and of the packets beside it. */
export interface QmiPeer {
  /** One whole QMUX frame from the host. */
  receive(message: Uint8Array): void;
  /** QMUX frames towards the host: answers and indications. */
  onMessage(listen: (message: Uint8Array) => void): Cancel;
  /** How packets are framed now: what the host does not frame alike is lost. */
  readonly linkProtocol: LinkProtocol;
  /** Packets of the data calls of this interface; nothing passes while there is none. */
  readonly link: IpLink;
  /** Client ids that are given out now, of all services together. */
  readonly clientsOut: number;
  /** Ends its listening to the modem. */
  close(): void;
}

interface NamedService {
  readonly name: QmiServiceName;
  readonly messages: QmiService;
}

const services: ReadonlyMap<number, NamedService> = new Map([
  [qmiServices.CTL, { name: 'CTL', messages: controlService }],
  [qmiServices.WDS, { name: 'WDS', messages: wdsService }],
  [qmiServices.DMS, { name: 'DMS', messages: dmsService }],
  [qmiServices.NAS, { name: 'NAS', messages: nasService }],
  [qmiServices.UIM, { name: 'UIM', messages: uimService }],
  [qmiServices.WDA, { name: 'WDA', messages: wdaService }],
]);

const resultType = 0x02;
const packetServiceStatus = 0x0022;
const servingSystem = 0x0024;
/** How long a plain request takes. */
const answerMs = 5;

class Peer implements QmiPeer {
  readonly #modem: ModemControl;
  readonly #listeners = new Set<(message: Uint8Array) => void>();
  readonly #cancels: Cancel[];
  readonly #link: CallLink;
  #session: QmiSession;
  #reported: { readonly up: ReadonlyMap<IpFamily, number>; readonly registration: number };

  constructor(modem: ModemControl) {
    this.#modem = modem;
    this.#session = this.#freshSession();
    this.#reported = { up: new Map(), registration: modem.state.running.registration };
    this.#link = new CallLink((family) => {
      const call = this.#session.calls.get(family);
      return call ? modem.link(call.contextId) : null;
    });
    this.#cancels = [modem.onChange(() => this.#changed()), modem.onPresence(() => this.#restarted())];
  }

  get linkProtocol(): LinkProtocol {
    return this.#session.linkProtocol;
  }

  get link(): IpLink {
    return this.#link;
  }

  get clientsOut(): number {
    return this.#session.clients.size;
  }

  receive(bytes: Uint8Array): void {
    const message = decodeQmux(bytes);
    const service = message && services.get(message.service);
    if (!message || !service || message.kind !== 'request' || this.#modem.hung) return;
    const { behaviours } = this.#modem.world;
    if (behaviours.find('qmi-silent', service.name)) return;
    const session = this.#session;
    const answer = this.#answer(service, message);
    this.#changed();
    const delayMs = answerMs + (answer.takesMs ?? 0) + (behaviours.find('qmi-late', service.name)?.byMs ?? 0);
    this.#modem.schedule(delayMs, () => {
      if (session !== this.#session || this.#modem.hung) return;
      this.#send({ ...message, kind: 'response', tlvs: [resultOf(answer), ...answer.tlvs] });
      answer.afterwards?.();
    });
  }

  onMessage(listen: (message: Uint8Array) => void): Cancel {
    this.#listeners.add(listen);
    return () => {
      this.#listeners.delete(listen);
    };
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#link.close();
    this.#listeners.clear();
  }

  #freshSession(): QmiSession {
    return createQmiSession(this.#modem.world.character.qmiLinkProtocols[0] ?? 'raw-ip');
  }

  #answer({ messages }: NamedService, { service, client, id, tlvs }: QmiMessage): QmiAnswer {
    if (service !== qmiServices.CTL && !this.#session.clients.has(service, client)) return failure(qmiError.invalidClientId);
    const handler = messages.get(id);
    if (!handler) return failure(qmiError.invalidCommand);
    return handler({ client, input: tlvsOf(tlvs), modem: this.#modem, session: this.#session });
  }

  #send(message: QmiMessage): void {
    const bytes = encodeQmux(message, 'modem');
    for (const listen of this.#listeners) listen(bytes);
  }

  #restarted(): void {
    this.#session = this.#freshSession();
    this.#reported = { up: new Map(), registration: this.#modem.state.running.registration };
    this.#link.settle();
  }

  /** Looks what of the modem's state concerns the host: calls whose bearer is gone, another registration. */
  #changed(): void {
    const { running } = this.#modem.state;
    for (const [family, { contextId }] of this.#session.calls) if (!running.bearers.has(contextId)) this.#session.calls.delete(family);
    const before = this.#reported;
    const up = new Map([...this.#session.calls].map(([family, { handle }]) => [family, handle] as const));
    this.#reported = { up, registration: running.registration };
    for (const family of ['ipv4', 'ipv6'] as const) if (before.up.get(family) !== up.get(family)) this.#reportCall(family, up.has(family));
    if (before.registration !== running.registration) this.#reportServingSystem();
    this.#link.settle();
  }

  #reportCall(family: IpFamily, isUp: boolean): void {
    const { clients, families } = this.#session;
    const reason = isUp ? [] : reasonTlvs(callFailure.ofCause(this.#modem.state.running.lastCause ?? 36));
    const tlvs = [
      tlv(0x01, (writer) => writer.u8(isUp ? 2 : 1).u8(0)),
      ...reason,
      tlv(0x12, (writer) => writer.u8(family === 'ipv4' ? 4 : 6)),
    ];
    for (const client of clients.of(qmiServices.WDS))
      if ((families.get(client) ?? family) === family) this.#indicate({ service: qmiServices.WDS, client, id: packetServiceStatus, tlvs });
  }

  #reportServingSystem(): void {
    const tlvs = servingSystemTlvs(this.#modem);
    for (const client of this.#session.servingSystemListeners)
      this.#indicate({ service: qmiServices.NAS, client, id: servingSystem, tlvs });
  }

  #indicate(indication: { service: number; client: number; id: number; tlvs: readonly Tlv[] }): void {
    if (this.#modem.hung || this.#modem.world.behaviours.find('qmi-silent')) return;
    this.#modem.schedule(answerMs, () => this.#send({ ...indication, kind: 'indication', transaction: 0 }));
  }
}

function resultOf(answer: QmiAnswer): Tlv {
  return tlv(resultType, (writer) => writer.u16(answer.error === 0 ? 0 : 1).u16(answer.error));
}

/** The modem's end of a QMI control channel. Several peers of one modem share its bearers, not their clients. */
export function createQmiPeer(modem: Pick<SimulatedModem, 'control'>): QmiPeer {
  return new Peer(modem.control);
}
