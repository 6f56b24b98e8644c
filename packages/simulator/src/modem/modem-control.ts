import type { Cancel } from '@towline/kit';
import type { IpLink } from '../link/ip-link.ts';
import type { ModemState } from './modem-state.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/** A modem as its own firmware sees it: what the peers of its control protocols (QMI, MBIM) read and act on. */
export interface ModemControl {
  readonly state: ModemState;
  readonly world: World;
  /** It died over a dial (`hangs-after-dial`) and answers nothing until a reset. */
  readonly hung: boolean;
  /** Runs a pure step on the state and carries out what it causes. */
  apply(step: (state: ModemState, world: World) => Step): void;
  /** The packet side of the bearer that is active on a context, or null. */
  link(contextId: number): IpLink | null;
  /** Called after every change of the state. */
  onChange(listen: () => void): Cancel;
  /** Called when the device went away or came back. */
  onPresence(listen: (present: boolean) => void): Cancel;
  schedule(delayMs: number, run: () => void): Cancel;
  restart(): void;
}
