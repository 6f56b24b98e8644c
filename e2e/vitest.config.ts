// @boundaries-ignore one set of test settings for the whole repository
import { mergeConfig } from 'vitest/config';
import { shared } from '../vitest.shared.ts';

/** Stories start whole control planes and wait for what really happens. */
export default mergeConfig(shared, { test: { testTimeout: 120_000, hookTimeout: 120_000 } });
