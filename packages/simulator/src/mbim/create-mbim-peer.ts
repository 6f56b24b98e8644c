import type { Cancel } from '@towline/kit';
import type { IpLink } from '../link/ip-link.ts';
import { CallLink } from '../modem/call-link.ts';
import type { ModemControl } from '../modem/modem-control.ts';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import { createQmiPeer, type QmiPeer } from '../qmi/create-qmi-peer.ts';
import { decodeQmux, type QmiMessage } from '../qmi/qmux.ts';
import { createFragmentJoiner } from './join-fragments.ts';
import type { MbimAnswer, MbimSession } from './mbim-call.ts';
import {
  decodeCommand,
  decodeMbim,
  encodeCommandDone,
  encodeIndication,
  encodePlain,
  type MbimCommand,
  type MbimFragment,
  messageTypes,
} from './mbim-message.ts';
import { mbimStatus } from './mbim-status.ts';
import { MbimStructReader } from './mbim-struct.ts';
import { changedReports, type MbimReports, reportsOf } from './reports.ts';
import { endSession } from './services/connect.ts';
import { mbimServiceTable } from './services/services.ts';
import { mbimServices } from './uuid.ts';

/** The modem's end of one MBIM control channel, and of the packets beside it. */
export interface MbimPeer {
  /** One control message, or one fragment of it, from the host. */
  receive(message: Uint8Array): void;
  /** Messages towards the host, in fragments that fit its control transfers. */
  onMessage(listen: (message: Uint8Array) => void): Cancel;
  /** Packets of session 0, the host's network interface. */
  readonly link: IpLink;
  /** Ends its listening to the modem. */
  close(): void;
}

/** Errors of MBIM 1.0 table 9-11. */
const notOpened = 5;
const malformed = 3;
/** How long a plain request takes. */
const answerMs = 5;
/** QMI requests without an answer at most. */
const qmiBound = 64;

function qmiKey({ service, client, transaction }: QmiMessage): string {
  return `${service}/${client}/${transaction}`;
}

/** Least control transfer that a host may name, in bytes. */
const leastTransfer = 64;

class Peer implements MbimPeer {
  readonly #modem: ModemControl;
  readonly #qmi: QmiPeer;
  readonly #listeners = new Set<(message: Uint8Array) => void>();
  readonly #sessions = new Map<number, MbimSession>();
  readonly #refusals = new Map<number, number>();
  readonly #fragments = createFragmentJoiner();
  readonly #link: CallLink;
  readonly #stops: readonly Cancel[];
  /** QMI requests on their way through MBIM. */
  readonly #qmiWaiting = new Map<string, MbimCommand>();
  #maxTransfer = 0;
  /** Counts opens and restarts: answers to what came before are not sent. */
  #epoch = 0;
  #reported: MbimReports;

  constructor(modem: Pick<SimulatedModem, 'control'>) {
    this.#modem = modem.control;
    this.#qmi = createQmiPeer(modem);
    this.#reported = reportsOf(this.#modem, this.#sessions);
    this.#link = new CallLink((family) => {
      const session = this.#sessions.get(0);
      if (!session || session.type === (family === 'ipv4' ? 'IPV6' : 'IP')) return null;
      return this.#modem.link(session.contextId);
    });
    this.#stops = [
      this.#modem.onChange(() => this.#changed()),
      this.#modem.onPresence(() => this.#forget()),
      this.#qmi.onMessage((message) => this.#fromQmi(message)),
    ];
  }

  get link(): IpLink {
    return this.#link;
  }

  receive(bytes: Uint8Array): void {
    if (this.#modem.hung || this.#modem.world.behaviours.find('mbim-silent')) return;
    const message = decodeMbim(bytes);
    if (!message) return;
    if (!('kind' in message)) return this.#fragment(message);
    if (message.kind === 'open') return this.#open(message);
    if (message.kind === 'close') return this.#close(message.transaction);
  }

  onMessage(listen: (message: Uint8Array) => void): Cancel {
    this.#listeners.add(listen);
    return () => {
      this.#listeners.delete(listen);
    };
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#qmi.close();
    this.#link.close();
    this.#listeners.clear();
  }

  get #isOpen(): boolean {
    return this.#maxTransfer > 0;
  }

  /** An open of what is open begins anew: MBIM 1.0 clause 9.3.1. */
  #open({ transaction, maxTransfer }: { transaction: number; maxTransfer: number }): void {
    this.#endSessions();
    this.#epoch += 1;
    this.#maxTransfer = Math.max(leastTransfer, maxTransfer);
    this.#reported = reportsOf(this.#modem, this.#sessions);
    this.#later(answerMs, [encodePlain(messageTypes.openDone, transaction, mbimStatus.none)]);
  }

  /** With the channel its sessions end, which is why `--no-close` exists. */
  #close(transaction: number): void {
    this.#endSessions();
    this.#epoch += 1;
    this.#maxTransfer = 0;
    this.#later(answerMs, [encodePlain(messageTypes.closeDone, transaction, mbimStatus.none)]);
  }

  #endSessions(): void {
    for (const id of this.#sessions.keys()) endSession({ modem: this.#modem, sessions: this.#sessions }, id);
  }

  #fragment(fragment: MbimFragment): void {
    const { transaction } = fragment;
    const failed = (code: number): void => this.#later(answerMs, [encodePlain(messageTypes.functionError, transaction, code)]);
    if (!this.#isOpen) return failed(notOpened);
    const joined = this.#fragments.take(fragment);
    if (joined.kind === 'waiting') return;
    if (joined.kind === 'error') return failed(joined.code);
    const command = decodeCommand(transaction, joined.payload);
    if (!command) return failed(malformed);
    if (command.service === mbimServices.qmi) return this.#toQmi(command);
    this.#command(command);
  }

  #command(command: MbimCommand): void {
    const given = this.#answer(command);
    const { status, buffer } = given;
    const messages = encodeCommandDone(command, { status, buffer, maxTransfer: this.#maxTransfer });
    this.#changed();
    this.#later(answerMs + (given.takesMs ?? 0), messages, given.afterwards);
  }

  #answer({ service, cid, isSet, buffer }: MbimCommand): MbimAnswer {
    const handler = mbimServiceTable.get(service)?.get(cid);
    if (!handler) return { status: mbimStatus.noDeviceSupport, buffer: new Uint8Array() };
    return handler({ isSet, input: new MbimStructReader(buffer), modem: this.#modem, sessions: this.#sessions, refusals: this.#refusals });
  }

  #toQmi(command: MbimCommand): void {
    const request = decodeQmux(command.buffer);
    if (!request || this.#qmiWaiting.size >= qmiBound) return;
    this.#qmiWaiting.set(qmiKey(request), command);
    this.#qmi.receive(command.buffer);
  }

  #fromQmi(buffer: Uint8Array): void {
    const message = decodeQmux(buffer);
    if (!message || !this.#isOpen) return;
    const maxTransfer = this.#maxTransfer;
    if (message.kind === 'indication') {
      this.#send(encodeIndication({ service: mbimServices.qmi, cid: 1 }, { buffer, maxTransfer }));
      return;
    }
    const request = this.#qmiWaiting.get(qmiKey(message));
    this.#qmiWaiting.delete(qmiKey(message));
    if (request) this.#send(encodeCommandDone(request, { status: mbimStatus.none, buffer, maxTransfer }));
  }

  #later(delayMs: number, messages: readonly Uint8Array[], afterwards?: () => void): void {
    const epoch = this.#epoch;
    const late = this.#modem.world.behaviours.find('mbim-late')?.byMs ?? 0;
    this.#modem.schedule(delayMs + late, () => {
      if (epoch !== this.#epoch || this.#modem.hung) return;
      this.#send(messages);
      afterwards?.();
    });
  }

  #send(messages: readonly Uint8Array[]): void {
    for (const message of messages) for (const listen of this.#listeners) listen(message);
  }

  #forget(): void {
    this.#sessions.clear();
    this.#refusals.clear();
    this.#qmiWaiting.clear();
    this.#epoch += 1;
    this.#maxTransfer = 0;
    this.#link.settle();
  }

  /** Sessions whose bearer is gone end; what is another now than the host was told is told. */
  #changed(): void {
    const { bearers } = this.#modem.state.running;
    for (const [id, { contextId }] of this.#sessions) if (!bearers.has(contextId)) this.#sessions.delete(id);
    this.#link.settle();
    const now = reportsOf(this.#modem, this.#sessions);
    const changed = changedReports(this.#reported, now, this.#modem.state.running.lastCause ?? 0);
    this.#reported = now;
    if (!this.#isOpen || this.#modem.world.behaviours.find('mbim-silent')) return;
    const told = { service: mbimServices.basicConnect, maxTransfer: this.#maxTransfer };
    for (const { cid, buffer } of changed) this.#later(answerMs, encodeIndication({ ...told, cid }, { ...told, buffer }));
  }
}

/** The modem's end of an MBIM control channel. QMI inside MBIM has clients of its own. */
export function createMbimPeer(modem: Pick<SimulatedModem, 'control'>): MbimPeer {
  return new Peer(modem);
}
