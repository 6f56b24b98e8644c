import { Fault } from './fault.ts';

/** Runs tasks one after the other, in the order they came. */
export interface Exclusive {
  run<Result>(task: () => Promise<Result>): Promise<Result>;
}

/** @param limit how many tasks may wait; one more is refused with `exclusive.full`. */
export function createExclusive(limit: number): Exclusive {
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    run<Result>(task: () => Promise<Result>): Promise<Result> {
      if (waiting >= limit) return Promise.reject(new Fault('exclusive.full', `${limit} tasks are waiting already`));
      waiting += 1;
      const turn = tail.then(() => {
        waiting -= 1;
        return task();
      });
      tail = turn.catch(() => undefined);
      return turn;
    },
  };
}
