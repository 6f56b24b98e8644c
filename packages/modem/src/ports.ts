import type { Cancel } from '@towline/kit';

/** One open tty of a modem, raw and binary clean. */
export interface SerialPort {
  readonly path: string;
  /** @throws Fault `port.closed` once the port is gone. */
  write(bytes: Uint8Array): Promise<void>;
  onData(listen: (bytes: Uint8Array) => void): Cancel;
  /** Called once: the modem was unplugged, or the port failed or was closed. */
  onClose(listen: (reason: string) => void): Cancel;
  close(): Promise<void>;
}

/** Opens ttys. */
export interface SerialPorts {
  /** @throws Fault `port.open-failed` with the system's code as cause. */
  open(path: string): Promise<SerialPort>;
}
