import { defineConfig } from 'vitest/config';

/** Tests that drive stock tools of Debian: run by `npm run test:tools`, which installs what is missing. */
export default defineConfig({
  test: {
    include: ['tools-tests/**/*.test.ts'],
    globalSetup: ['tools-tests/prepare-tools.ts'],
    // Two cores: more workers than that only make timers late.
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
