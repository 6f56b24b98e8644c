import { mergeConfig } from 'vitest/config';
// @boundaries-ignore one set of test settings for the whole repository
import { shared } from '../vitest.shared.ts';

/** Stories start whole control planes and wait for what really happens. */
export default mergeConfig(shared, { test: { testTimeout: 120_000, hookTimeout: 120_000 } });
