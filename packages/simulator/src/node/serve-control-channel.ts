import type { Cancel, Clock } from '@towline/kit';
import { mbimLength } from '../mbim/mbim-message.ts';
import { qmuxLength } from '../qmi/qmux.ts';
import { openPseudoTerminal } from './pseudo-terminal.ts';

/** The modem's end of a control channel. */
export interface ControlChannelPeer {
  receive(message: Uint8Array): void;
  onMessage(listen: (message: Uint8Array) => void): Cancel;
}

/** A control channel that other processes can open, as they do with `/dev/cdc-wdm0`. */
export interface ServedControlChannel {
  /** `/dev/pts/N` */
  readonly path: string;
  close(): void;
}

/** No message is longer, in bytes; what says so is no message. */
const longest = 65_536;

/** Cuts a stream of bytes into messages by the length that each begins with. Forgets what it holds when that is none. */
export function messageCutter(lengthOf: (bytes: Uint8Array) => number | null): (bytes: Uint8Array) => readonly Uint8Array[] {
  let held: Uint8Array = new Uint8Array();
  return (bytes) => {
    held = Uint8Array.of(...held, ...bytes);
    const messages: Uint8Array[] = [];
    for (let length = lengthOf(held); length !== null; length = lengthOf(held)) {
      if (length < 4 || length > longest) held = new Uint8Array();
      if (held.length < length) break;
      messages.push(held.slice(0, length));
      held = held.slice(length);
    }
    return messages;
  };
}

/**
 * Puts a QMI or MBIM peer on a PTY: stock qmicli (with `--device-open-qmi`) and mbimcli talk to it without a kernel driver.
 * @throws Fault as `openPseudoTerminal`
 */
export function serveControlChannel(
  peer: ControlChannelPeer,
  { clock, protocol }: { clock: Clock; protocol: 'qmi' | 'mbim' },
): ServedControlChannel {
  const cut = messageCutter(protocol === 'qmi' ? qmuxLength : mbimLength);
  const pty = openPseudoTerminal(clock, {
    data(bytes) {
      for (const message of cut(bytes)) peer.receive(message);
    },
    hungUp: () => undefined,
  });
  const stop = peer.onMessage((message) => pty.write(message));
  return {
    path: pty.path,
    close() {
      stop();
      pty.close();
    },
  };
}
