import { bytesOf, type Cancel, type Clock, type Random } from '@towline/kit';
import type { LineOutcome } from '../commands/execute-line.ts';
import { renderLines } from '../commands/render.ts';
import type { BehaviourSet } from '../modem/behaviour.ts';
import type { PortRole } from '../modem/modem-state.ts';
import type { PppPeer } from '../ppp/ppp-peer.ts';
import { type ByteLine, createByteLine, drawDelay, type LineTiming } from './byte-line.ts';
import { debugFrame, garble } from './garble.ts';

/** What a terminal needs of its modem. */
export interface TerminalHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: LineTiming;
  /** So long after its answer comes what a command causes. */
  readonly settleMs: number;
  readonly behaviours: BehaviourSet;
  /** Whether the modem hangs and answers nothing. */
  hung(): boolean;
  echo(role: PortRole): boolean;
  execute(role: PortRole, line: string): LineOutcome;
  /** Carries out what a command causes, once its answer is out. */
  carryOut(outcome: LineOutcome): void;
  /** The PPP peer of the call that begins on a port; what it says goes to `send`. */
  openCall(role: PortRole, send: (bytes: Uint8Array) => void): PppPeer;
  /** Whether a port has a call, in data mode or escaped from. */
  inCall(role: PortRole): boolean;
  /** A line that this modem throws in now, or null. */
  chatter(): string | null;
}

const lineBound = 2_048;
/** S12 of V.250: silence around `+++`. */
const guardMs = 1_000;
/** How often a modem throws in a line of its own. */
const chatterShare = 0.1;
const debugEveryMs = 200;
/** A modem that restarts stays on the bus until a slow host has read its OK, too. */
const restartMs = 300;
const peerDelayMs = 100;

/** One tty of a modem, from its own side: commands in, answers out, data mode and the way back. */
export class Terminal {
  readonly #role: PortRole;
  readonly #host: TerminalHost;
  readonly #out: ByteLine;
  #input = '';
  #online = false;
  #pluses = 0;
  #lastInputMs = Number.NEGATIVE_INFINITY;
  #peer: PppPeer | null = null;
  #cancelPeer: Cancel | null = null;
  #cancelEscape: Cancel | null = null;
  #cancelNoise: Cancel | null = null;

  constructor(role: PortRole, host: TerminalHost, deliver: (bytes: Uint8Array) => void) {
    this.#role = role;
    this.#host = host;
    const { clock, random, timing } = host;
    this.#out = createByteLine({ clock, random, timing, deliver });
    this.makeNoise();
  }

  /** Bytes that the host wrote. */
  receive(bytes: Uint8Array): void {
    if (this.#role === 'debug' || this.#host.hung()) return;
    if (this.#online) this.#receiveData(bytes);
    else this.#receiveText(bytes);
  }

  /** Writes a line that nobody asked for; in data mode it is lost. */
  unsolicited(line: string): void {
    if (this.#role !== 'at' || this.#online || this.#host.hung()) return;
    this.#send(bytesOf(renderLines([line])));
  }

  /** The call ended from the network's side. */
  noCarrier(): void {
    this.#endCall();
    this.#cancelEscape?.();
    this.#send(bytesOf(renderLines(['NO CARRIER'])));
  }

  /** Starts the noise of a wrong port or of `debug-frames`; it stops by itself. */
  makeNoise(): void {
    const behaviour = this.#host.behaviours.find('debug-frames');
    const everyMs = behaviour?.everyMs ?? (this.#role === 'debug' ? debugEveryMs : null);
    this.#cancelNoise?.();
    this.#cancelNoise = null;
    if (everyMs === null) return;
    this.#cancelNoise = this.#host.clock.schedule(everyMs, () => {
      this.#out.send(debugFrame(this.#host.random));
      this.makeNoise();
    });
  }

  close(): void {
    this.#endCall();
    this.#cancelEscape?.();
    this.#cancelNoise?.();
    this.#out.clear();
  }

  #send(bytes: Uint8Array, delayMs = 0): void {
    const shares = this.#host.behaviours.find('garbled');
    this.#out.send(shares ? garble(bytes, shares, this.#host.random) : bytes, delayMs);
  }

  #receiveText(bytes: Uint8Array): void {
    for (const byte of bytes) {
      // Line feeds after the carriage return, and bytes that no command has, are dropped.
      if (byte === 0x0d) this.#runLine();
      else if (byte === 0x08) this.#input = this.#input.slice(0, -1);
      else if (byte >= 0x20 && byte < 0x7f && this.#input.length < lineBound) this.#input += String.fromCharCode(byte);
    }
  }

  #runLine(): void {
    const line = this.#input;
    this.#input = '';
    if (this.#host.hung() || this.#online) return;
    const echo = this.#host.echo(this.#role);
    const outcome = this.#host.execute(this.#role, line);
    const { behaviours, random, timing, clock } = this.#host;
    const silent = behaviours.find('silent', outcome.command) !== undefined;
    const lateMs = behaviours.find('late', outcome.command)?.byMs ?? 0;
    const delayMs = drawDelay(timing, random) + outcome.takesMs + lateMs;
    if (!silent) {
      if (echo) this.#send(bytesOf(`${line}\r`));
      const chatter = random.next() < chatterShare ? this.#host.chatter() : null;
      if (chatter && this.#role === 'at') this.#send(bytesOf(renderLines([chatter])));
      this.#send(bytesOf(outcome.text), delayMs);
    }
    if (outcome.final.kind === 'connect') this.#goOnline(delayMs);
    else if (!this.#host.inCall(this.#role)) this.#endCall();
    if (outcome.effects.length === 0) return;
    const restarts = outcome.effects.some(({ kind }) => kind === 'restart');
    const settledMs = delayMs + (restarts ? restartMs : this.#host.settleMs);
    // Within the turn, where nothing takes time: the answer is out by now.
    if (settledMs === 0) this.#host.carryOut(outcome);
    else clock.schedule(settledMs, () => this.#host.carryOut(outcome));
  }

  #goOnline(delayMs: number): void {
    this.#online = true;
    this.#pluses = 0;
    this.#lastInputMs = this.#host.clock.monotonicMs();
    if (this.#peer || this.#cancelPeer) return;
    // The peer speaks first, as on a real modem, once CONNECT is out.
    this.#cancelPeer = this.#host.clock.schedule(delayMs + peerDelayMs, () => {
      this.#cancelPeer = null;
      this.#peer = this.#host.openCall(this.#role, (bytes) => this.#fromPeer(bytes));
    });
  }

  /** In command mode what the peer says is lost. */
  #fromPeer(bytes: Uint8Array): void {
    if (this.#online && !this.#host.hung()) this.#send(bytes);
  }

  #endCall(): void {
    this.#online = false;
    this.#cancelPeer?.();
    this.#cancelPeer = null;
    this.#peer?.close();
    this.#peer = null;
  }

  #receiveData(bytes: Uint8Array): void {
    this.#peer?.receive(bytes);
    const nowMs = this.#host.clock.monotonicMs();
    const quietMs = nowMs - this.#lastInputMs;
    this.#lastInputMs = nowMs;
    this.#cancelEscape?.();
    this.#cancelEscape = null;
    const begins = this.#pluses > 0 || quietMs >= guardMs;
    if (!begins || bytes.some((byte) => byte !== 0x2b)) {
      this.#pluses = 0;
      return;
    }
    this.#pluses += bytes.length;
    if (this.#pluses !== 3) return;
    this.#cancelEscape = this.#host.clock.schedule(guardMs, () => {
      this.#pluses = 0;
      this.#online = false;
      this.#send(bytesOf(renderLines(['OK'])));
    });
  }
}
