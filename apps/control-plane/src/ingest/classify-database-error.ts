import { faultCode } from '@towline/kit';

/**
 * What a failed batch means. `refused`: something in it that no retry will make acceptable, so it must be found and set aside.
 * `unavailable`: everything else (no connection, shutting down, out of space, a time-out, a missing table in an
 * upgrade): hold on and try again, because giving up would lose reports that are perfectly good. `contended`: somebody else wrote what
 * this one was decided on, or was in its way: look anew and try at once.
 */
export type DatabaseErrorKind = 'refused' | 'unavailable' | 'contended';

/** SQLSTATE classes (PostgreSQL manual, appendix A): cardinality, data exception, integrity violation, program limit. */
const refusingClasses = ['21', '22', '23', '54'];
/** Transaction rollback: serialization failure, deadlock. */
const contendedClass = '40';

export function classifyDatabaseError(error: unknown): DatabaseErrorKind {
  const code = faultCode(error);
  if (!/^[0-9A-Z]{5}$/.test(code)) return 'unavailable';
  const sqlClass = code.slice(0, 2);
  if (sqlClass === contendedClass) return 'contended';
  return refusingClasses.includes(sqlClass) ? 'refused' : 'unavailable';
}
