import type { Clock } from '@towline/kit';
import { Throttle, type ThrottlePolicy } from '../throttle.ts';
import type { RequestThrottles } from './auth.guard.ts';

export interface ThrottlePolicies {
  readonly byAddress: ThrottlePolicy;
  readonly byCaller: ThrottlePolicy;
  readonly failedLogins: ThrottlePolicy;
}

const minuteMs = 60_000;

/** A fleet may enrol from behind one address and a console asks often: these stop floods, not use. */
export const defaultThrottlePolicies: ThrottlePolicies = {
  byAddress: { limit: 12_000, windowMs: minuteMs, maxKeys: 10_000 },
  byCaller: { limit: 30_000, windowMs: minuteMs, maxKeys: 10_000 },
  failedLogins: { limit: 20, windowMs: minuteMs, maxKeys: 10_000 },
};

export function requestThrottles(policies: ThrottlePolicies, clock: Clock): RequestThrottles {
  return {
    byAddress: new Throttle(policies.byAddress, clock),
    byCaller: new Throttle(policies.byCaller, clock),
    failedLogins: new Throttle(policies.failedLogins, clock),
  };
}
