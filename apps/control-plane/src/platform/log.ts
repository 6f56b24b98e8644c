import type { Log } from '@towline/kit';
import { pino } from 'pino';
import type { Config } from './config.ts';
import type { LogEvent } from './log-events.ts';

export type ControlPlaneLog = Log<LogEvent>;

/** Field names that must never carry a value into a line, whoever puts them there. */
const secretFields = ['password', 'secret', 'token', 'authorization', 'key', 'pin', 'claimToken', 'url'];

/** One JSON line an event on stdout: `{"level":"info","time":…,"role":"edge","event":"…"}`. */
export function createLog(role: string, level: Config['logLevel']): ControlPlaneLog {
  const lines = pino({
    level,
    base: { role, pid: process.pid },
    redact: { paths: secretFields, censor: '[secret]' },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'event',
  });
  return {
    info: (event, fields) => lines.info(fields ?? {}, event),
    warn: (event, fields) => lines.warn(fields ?? {}, event),
    error: (event, fields) => lines.error(fields ?? {}, event),
  };
}
