import type { DataMode, Rat } from '@towline/modem';
import type { CommandTable } from '../commands/command.ts';
import type { RegistrationReport } from '../modem/modem-state.ts';
import type { RadioLimits } from '../modem/radio-limits.ts';
import type { World } from '../modem/world.ts';

/** How one kind of modem shows itself on its ports: a truth of its own, written from manuals and logs, not from what the agent expects. */
export interface Character {
  /** The same as the model's id in @towline/modem. */
  readonly id: string;
  readonly manufacturer: string;
  readonly product: string;
  readonly revision: string;
  /** The lines of `ATI`. */
  readonly information: (imei: string) => readonly string[];
  readonly commands: CommandTable;
  /** Best first. */
  readonly rats: readonly Rat[];
  readonly limits: RadioLimits;
  readonly registrationReports: readonly RegistrationReport[];
  readonly errorFormatAtBoot: 0 | 1 | 2;
  /** Codes of the data modes in this modem's own words; the modem leaves the factory in the first. */
  readonly dataModes: ReadonlyMap<string, DataMode>;
  /** Data modes in which it dials context 1 by itself after each registration. */
  readonly dialsByItself: readonly DataMode[];
  /** From radio on to registered. */
  readonly registerMs: number;
  /** From a reset to the ports being back. */
  readonly reenumerateMs: number;
  /** The host gets an address of a NAT inside the module rather than the operator's. */
  readonly natInModule: boolean;
  /**
   * `asr`: a chain goes on after an error, the second command is answered before the first
   * (`at+cpin?;+csq;+cops?` on a K230 with EC200A gave +CSQ, then CME 10, then +COPS: 0).
   */
  readonly chain: 'in-order' | 'asr';
  /** How addresses and APNs stand in CGPADDR and CGCONTRDP. `bare`: without quotes and with the mask appended. */
  readonly addressStyle: 'quoted' | 'bare';
  /** What `AT+CEER` says after `+CEER: `. */
  readonly causeReport: (cause: number | null) => string;
  /** Unsolicited lines when the USB network function gets or loses its bearer; null: nothing is said. */
  readonly networkCallUp: (contextId: number) => string | null;
  readonly networkCallDown: (contextId: number) => string | null;
  readonly reportsContextEvents: boolean;
  /** How packets may cross the bulk endpoints in QMI, the one after a boot first. */
  readonly qmiLinkProtocols: readonly ('ethernet' | 'raw-ip')[];
  /** Lines after a boot, with milliseconds after the ports are back. */
  readonly bootLines: readonly { readonly line: string; readonly afterMs: number }[];
  /** A line that this modem throws in now and then without being asked. */
  readonly chatter?: (world: World) => string;
}
