/** Values a log line may carry. Secrets never do. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Structured events of a closed list: each application names its own `Event` union. */
export interface Log<Event extends string = string> {
  info(event: Event, fields?: LogFields): void;
  warn(event: Event, fields?: LogFields): void;
  error(event: Event, fields?: LogFields): void;
}

/** For where nobody listens. */
export const silentLog: Log = { info() {}, warn() {}, error() {} };
