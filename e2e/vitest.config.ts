// @boundaries-ignore one set of test settings for the whole repository
import { shared } from '../vitest.shared.ts';

export default shared;
