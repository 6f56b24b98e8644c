import { type AtCommand, atCommand } from './at-command.ts';

/** A question whose answer cannot be mistaken for another's. */
export interface Sentinel {
  readonly command: AtCommand;
  readonly marker: RegExp;
}

/**
 * Asked only to find out where in the stream of replies we are. No operation asks any of them, and they are taken in turn, so
 * that a late answer to one is not taken for the answer to the next: the same one comes round after half a minute at the
 * earliest. All are mandatory in 3GPP TS 27.007.
 */
export const sentinels: readonly Sentinel[] = [
  { command: atCommand('AT+CMEE?'), marker: /^\+CMEE: ?\d/ },
  { command: atCommand('AT+CREG=?'), marker: /^\+CREG: ?\(/ },
  { command: atCommand('AT+CMEE=?'), marker: /^\+CMEE: ?\(/ },
  { command: atCommand('AT+CFUN=?'), marker: /^\+CFUN: ?\(/ },
  { command: atCommand('AT+CGREG=?'), marker: /^\+CGREG: ?\(/ },
  { command: atCommand('AT+CGATT=?'), marker: /^\+CGATT: ?\(/ },
];

/** How long the first and the second sentinel of one request may take. The second is for one that the modem swallowed. */
export const sentinelWindowsMs: readonly number[] = [3000, 9000];
