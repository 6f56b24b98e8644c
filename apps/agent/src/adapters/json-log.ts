import type { Log } from '@towline/kit';
import type { LogEvent } from '../runtime/ports.ts';

/** One JSON line an event on standard output; the journal adds the time. */
export function jsonLog(write: (line: string) => void): Log<LogEvent> {
  const at =
    (level: string) =>
    (event: LogEvent, fields: object = {}) =>
      write(`${JSON.stringify({ level, event, ...fields })}\n`);
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
