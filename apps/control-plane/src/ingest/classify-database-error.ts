import { faultCode } from '@towline/kit';

/**
 * What a failed batch means. `refused`: something in it that no retry will make acceptable, so it must be found and set aside.
 * `unavailable`: everything else (no connection, shutting down, out of space, a time-out, a deadlock, a missing table in an
 * upgrade): hold on and try again, because giving up would lose reports that are perfectly good.
 */
export type DatabaseErrorKind = 'refused' | 'unavailable';

/** SQLSTATE classes (PostgreSQL manual, appendix A): cardinality, data exception, integrity violation, program limit. */
const refusingClasses = ['21', '22', '23', '54'];

export function classifyDatabaseError(error: unknown): DatabaseErrorKind {
  const code = faultCode(error);
  return /^[0-9A-Z]{5}$/.test(code) && refusingClasses.includes(code.slice(0, 2)) ? 'refused' : 'unavailable';
}
