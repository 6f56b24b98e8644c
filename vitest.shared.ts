import { defineConfig } from 'vitest/config';

/** What every package's test run has in common; tests stand beside the code they describe. */
export const shared = defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    // Two cores: more workers than that only make timers late.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
