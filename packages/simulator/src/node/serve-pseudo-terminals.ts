import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@towline/kit';
import type { SerialPort } from '@towline/modem';
import type { PortRole } from '../modem/modem-state.ts';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import { openPseudoTerminal, type PseudoTerminal } from './pseudo-terminal.ts';

export interface ServeOptions {
  readonly clock: Clock;
  /** Where the links `at` and `ppp` are made. Created when it is missing. */
  readonly directory: string;
}

/** A modem whose ports other processes can open. */
export interface ServedModem {
  readonly atPath: string;
  readonly pppPath: string;
  /** Takes the ports and their links away. */
  close(): void;
}

/** One port on one PTY, from the modem's boot to its next reset. */
class ServedPort {
  readonly #pty: PseudoTerminal;
  readonly #modem: SimulatedModem;
  readonly #role: PortRole;
  #port: SerialPort | null = null;

  constructor(modem: SimulatedModem, role: PortRole, clock: Clock) {
    this.#modem = modem;
    this.#role = role;
    this.#pty = openPseudoTerminal(clock, { data: (bytes) => this.#data(bytes), hungUp: () => this.#hungUp() });
    this.#connect();
  }

  get path(): string {
    return this.#pty.path;
  }

  close(): void {
    void this.#port?.close();
    this.#port = null;
    this.#pty.close();
  }

  #connect(): SerialPort {
    const port = this.#modem.openPort(this.#role, this.#pty.path);
    port.onData((bytes) => this.#pty.write(bytes));
    this.#port = port;
    return port;
  }

  #data(bytes: Uint8Array): void {
    void (this.#port ?? this.#connect()).write(bytes);
  }

  /** DTR dropped: a call ends; the port itself stays, so that lines nobody asked for still come. */
  #hungUp(): void {
    void this.#port?.close();
    this.#connect();
  }
}

/** Points a link at another target in one step, so that an opener never finds it missing. */
function pointLink(link: string, target: string): void {
  const fresh = `${link}.new`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  renameSync(fresh, link);
}

/**
 * Puts a modem's AT and PPP ports on PTYs under stable links, `DIR/at` and `DIR/ppp`. A reset takes PTYs and links
 * away, an opener sees its device unplugged, and fresh ones appear when the modem is back.
 * @throws Fault as `openPseudoTerminal`
 */
export function servePseudoTerminals(modem: SimulatedModem, { clock, directory }: ServeOptions): ServedModem {
  const links = { at: join(directory, 'at'), ppp: join(directory, 'ppp') };
  const roles = ['at', 'ppp'] as const;
  let served: ServedPort[] = [];
  mkdirSync(directory, { recursive: true });
  const appear = (): void => {
    for (const role of roles) {
      const port = new ServedPort(modem, role, clock);
      served.push(port);
      pointLink(links[role], port.path);
    }
  };
  const vanish = (): void => {
    for (const role of roles) rmSync(links[role], { force: true });
    for (const port of served) port.close();
    served = [];
  };
  const stop = modem.onPresence((present) => (present ? appear() : vanish()));
  if (modem.present) appear();
  return {
    atPath: links.at,
    pppPath: links.ppp,
    close() {
      stop();
      vanish();
    },
  };
}
