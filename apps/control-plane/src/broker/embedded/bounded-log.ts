import type { Clock, LogFields } from '@towline/kit';
import type { ControlPlaneLog } from '../../platform/log.ts';
import { Throttle } from '../../platform/throttle.ts';

const linesAMinute = 60;

type BrokerEvent = 'broker.client-refused' | 'broker.client-error';

/** What anybody can bring about without a credential must not fill the disk: of each kind so many lines a minute, the next one tells how many were left out. */
export class BoundedLog {
  readonly #log: ControlPlaneLog;
  readonly #throttle: Throttle;
  readonly #leftOut = new Map<BrokerEvent, number>();

  constructor(log: ControlPlaneLog, clock: Clock) {
    this.#log = log;
    this.#throttle = new Throttle({ limit: linesAMinute, windowMs: 60_000, maxKeys: 2 }, clock);
  }

  warn(event: BrokerEvent, fields: LogFields): void {
    const leftOut = this.#leftOut.get(event) ?? 0;
    if (this.#throttle.take(event) !== null) {
      this.#leftOut.set(event, leftOut + 1);
      return;
    }
    this.#leftOut.delete(event);
    this.#log.warn(event, leftOut > 0 ? { ...fields, leftOut } : fields);
  }
}
