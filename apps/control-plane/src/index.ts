export { systemClock, systemIds, systemRandom } from './platform/clock.ts';
export { type LocalPostgres, type LocalPostgresOptions, startLocalPostgres } from './platform/local-postgres/local-postgres.ts';
export { migrate } from './platform/migrate.ts';
