import type { Clock } from '@towline/kit';
import { Fault } from '@towline/kit';
import type { SerialPort, SerialPorts } from '@towline/modem';
import { SimulatedPort } from '../modem/simulated-port.ts';

/** One exchange of a recorded conversation. */
export interface TranscriptEntry {
  /** What the host sent, without its carriage return. Null: the modem spoke by itself after the entry before. */
  readonly command: string | null;
  /** All that the modem wrote then, byte for byte, echo and breaks included; latin-1. */
  readonly reply: string;
  /** Delay of the reply as recorded, in milliseconds. */
  readonly afterMs?: number;
}

export interface Transcript {
  /** `capture`: recorded from a real modem; `composed`: written from manuals. */
  readonly label: 'capture' | 'composed';
  readonly source: string;
  readonly entries: readonly TranscriptEntry[];
}

/** A modem that plays a recorded conversation. */
export interface TranscriptModem extends SerialPorts {
  openPort(path?: string): SerialPort;
  /** Commands that came and have no recorded answer (left), oldest first. They are answered with ERROR. */
  readonly unknown: readonly string[];
}

const defaultDelayMs = 50;

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

/** The recorded answers of one command are played in their order; the last one is played again for every further ask. */
class Player {
  readonly #entries: readonly TranscriptEntry[];
  readonly #played = new Map<string, number>();

  constructor(entries: readonly TranscriptEntry[]) {
    this.#entries = entries;
  }

  answer(command: string): readonly TranscriptEntry[] | null {
    const places = this.#entries.flatMap((entry, index) => (entry.command === command ? [index] : []));
    const turn = Math.min(this.#played.get(command) ?? 0, places.length - 1);
    const place = places[turn];
    if (place === undefined) return null;
    this.#played.set(command, turn + 1);
    const next = this.#entries.findIndex((entry, index) => index > place && entry.command !== null);
    return this.#entries.slice(place, next === -1 ? undefined : next);
  }
}

/** @see TranscriptModem */
export function createTranscriptModem(transcript: Transcript, clock: Clock): TranscriptModem {
  const player = new Player(transcript.entries);
  const unknown: string[] = [];
  let open = false;
  const openPort = (path = 'transcript'): SerialPort => {
    if (open) throw new Fault('port.open-failed', `${path} is open`, { cause: new Fault('EBUSY', 'EBUSY') });
    open = true;
    let line = '';
    const run = (command: string): void => {
      const entries = player.answer(command);
      if (!entries) unknown.push(command);
      let delayMs = 0;
      for (const entry of entries ?? [{ reply: '\r\nERROR\r\n', afterMs: defaultDelayMs }]) {
        delayMs += entry.afterMs ?? defaultDelayMs;
        clock.schedule(delayMs, () => port.deliver(latin1(entry.reply)));
      }
    };
    const write = (bytes: Uint8Array): void => {
      for (const byte of bytes) {
        if (byte === 0x0d) {
          run(line);
          line = '';
        } else if (byte !== 0x0a) line += String.fromCharCode(byte);
      }
    };
    const port = new SimulatedPort(path, {
      write,
      closed: () => {
        open = false;
      },
    });
    return port;
  };
  return { openPort, open: async (path) => openPort(path), unknown };
}
