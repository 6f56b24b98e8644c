import { describe, expect, it } from 'vitest';
import { type Story, storyNamed } from '../stories/story.ts';
import type { Twin } from '../world/gateway.ts';
import { type Injection, runTrial } from './trial.ts';

function story(name: string): Story {
  const found = storyNamed(name);
  if (!found) throw new Error(name);
  return found;
}

interface Ground {
  readonly story: string;
  readonly faults: readonly (readonly Injection[])[];
}

const cutsAt = (...points: readonly number[]) => points.map((at): readonly Injection[] => [{ fault: 'power-cut', at }]);
const knownGoodShut: Injection = { fault: 'known-good-shut', at: 20 };

/** The known good is gone for ever, and the power goes once the change is confirmed and its journal closed: what is lost then is lost for good. */
async function cutsWithoutKnownGood(): Promise<Ground['faults']> {
  const { points } = await runTrial({ story: story('apn'), seed: 1, faults: [knownGoodShut] });
  const closed = points.findLastIndex((point) => point.startsWith('disk overwrite journal'));
  return cutsAt(...points.slice(closed + 1, closed + 11).map((_, index) => closed + 1 + index)).map((cut) => [knownGoodShut, ...cut]);
}

/** Longer than the agent as it is takes for any of it, and shorter than a test may. */
const patienceMs = 2 * 3_600_000;

/** Where each twin is found out; the agent as it is comes through all of it. */
const afterwards = await cutsWithoutKnownGood();
const grounds: Readonly<Record<Twin, Ground>> = {
  'no-file-sync': { story: 'apn', faults: afterwards },
  'no-directory-sync': { story: 'apn', faults: afterwards },
  'no-read-back': { story: 'apn-substituted', faults: [[]] },
  'no-pinning': { story: 'apn-walled-off-with-lifeline', faults: [[]] },
  'no-boot-check': { story: 'apn-without-way', faults: cutsAt(100, 200) },
};

/** The first trial on this ground that strands a gateway; null: none does. */
async function firstStranded({ story: name, faults }: Ground, twin: Twin | null): Promise<readonly Injection[] | null> {
  for (const [index, injections] of faults.entries()) {
    const { isWell } = await runTrial({ story: story(name), seed: index + 1, faults: injections, twin, patienceMs });
    if (!isWell) return injections;
  }
  return null;
}

describe.each([
  ['the sync of a file', 'no-file-sync'],
  ['the sync of the directory', 'no-directory-sync'],
  ['the read-back', 'no-read-back'],
  ['the pinning, with a lifeline that reaches the control plane too', 'no-pinning'],
  ['the look at the boot', 'no-boot-check'],
] as const)('an agent without %s', (_what, twin) => {
  it('strands a gateway', async () => {
    expect(await firstStranded(grounds[twin], twin)).not.toBeNull();
  });

  it('which the agent as it is does not', async () => {
    expect(await firstStranded(grounds[twin], null)).toBeNull();
  });
});
