import { ensureHostPackages } from '../src/prepare/host-packages.ts';

/** Before any test of the stock tools: they are there, or it is said which package is missing. */
export default function setup(): void {
  ensureHostPackages((text) => console.log(`lab: ${text}`));
}
