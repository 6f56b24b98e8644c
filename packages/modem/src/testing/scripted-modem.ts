import { type Clock, Fault } from '@towline/kit';
import type { Capture } from '../captures/capture.schema.ts';
import { createListeners } from '../listeners.ts';
import type { SerialPort, SerialPorts } from '../ports.ts';

const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

export interface ScriptedModem extends SerialPorts {
  /** Command lines that reached it, oldest first, without their CR. */
  readonly heard: readonly string[];
  /** Overrides the answer to a command from now on; an empty list: silence. */
  answer(command: string, lines: readonly string[]): void;
  /** Sends an unsolicited line on every open port. */
  say(line: string): void;
  unplug(): void;
}

/** A device that answers from a capture, 20 ms after each command; what it does not know gives ERROR. */
export function scriptedModem(clock: Clock, capture: Capture): ScriptedModem {
  const answers = new Map(capture.exchanges.map((exchange) => [exchange.send, exchange.receive]));
  const heard: string[] = [];
  const outgoing = createListeners<string>();
  const unplugged = createListeners<string>();
  let present = true;

  function openPort(path: string): SerialPort {
    const data = createListeners<Uint8Array>();
    const closed = createListeners<string>();
    let line = '';
    let open = true;
    const end = (reason: string): void => {
      if (!open) return;
      open = false;
      closed.tell(reason);
    };
    const send = (text: string): void => {
      if (open) data.tell(bytesOf(text));
    };
    outgoing.add((text) => send(text));
    unplugged.add(end);
    const take = (command: string): void => {
      heard.push(command);
      const reply = answers.get(command) ?? ['ERROR'];
      clock.schedule(20, () => send(reply.map((one) => `\r\n${one}\r\n`).join('')));
    };
    return {
      path,
      async write(bytes) {
        if (!open) throw new Fault('port.closed', 'unplugged');
        line += textOf(bytes);
        // The escape has no CR; a real modem knows it by the silence around it.
        if (line === '+++') line = '+++\r';
        const ended = line.split('\r');
        line = ended.pop() ?? '';
        for (const command of ended) if (command !== '') take(command);
      },
      onData: data.add,
      onClose: closed.add,
      async close() {
        end('closed');
      },
    };
  }

  return {
    heard,
    answer: (command, lines) => void answers.set(command, [...lines]),
    say: (line) => outgoing.tell(`\r\n${line}\r\n`),
    unplug() {
      present = false;
      unplugged.tell('unplugged');
    },
    async open(path) {
      if (!present) throw new Fault('port.open-failed', 'gone', { cause: new Fault('ENOENT', 'gone') });
      return openPort(path);
    },
  };
}
