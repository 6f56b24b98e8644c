/**
 * The one class that is thrown for the unexpected. Callers look at `code`, never at the text.
 * Expected failures are not thrown: they are members of a result's union.
 */
export class Fault extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The code of a Fault or of a Node system error (`ECONNREFUSED`), else `unknown`. */
export function faultCode(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code;
  return 'unknown';
}

/** What to show a person of anything that was thrown. */
export function faultText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
