export { type BackoffPolicy, backoffDelayMs } from './backoff.ts';
export { bytesOf } from './bytes-of.ts';
export { type Cancel, type Clock, type StopSignal, sleep } from './clock.ts';
export { createExclusive, type Exclusive } from './exclusive.ts';
export { Fault, faultCode, faultText } from './fault.ts';
export { type Log, type LogFields, silentLog } from './log.ts';
export { type ManualClock, manualClock } from './manual-clock.ts';
export { percentile } from './percentile.ts';
export { type Random, seededRandom } from './random.ts';
