// @boundaries-ignore one set of test settings for the whole repository
export { shared as default } from '../vitest.shared.ts';
