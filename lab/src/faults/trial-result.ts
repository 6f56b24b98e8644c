import * as z from 'zod';
import { fileSystems } from '../guest/state-disk.ts';
import { type LabFaultName, labFaultNames } from './lab-fault-classes.ts';
import { changeNames, faultModems } from './setting.ts';

const about = {
  modem: z.enum(faultModems),
  change: z.enum(changeNames),
  /** Data mode in which it began: what is done, and so what the points are, depends on it. */
  fromMode: z.string(),
};

/** A change that nothing befell. */
const referenceSchema = z.object({ kind: z.literal('reference'), ...about, points: z.array(z.string()) });
export type Reference = z.infer<typeof referenceSchema>;

/** A change with its faults, and how it ended. */
const trialSchema = z.object({
  kind: z.literal('trial'),
  seed: z.int(),
  trial: z.int(),
  ...about,
  fileSystem: z.enum(fileSystems),
  /** What was really injected, and the point at which it was. */
  injected: z.array(z.object({ fault: z.enum(labFaultNames), point: z.string() })),
  /** `broken`: the lab itself failed, which says nothing of the gateway. */
  outcome: z.enum(['changed', 'gone-back', 'stranded', 'broken']),
  /** From the end of the last fault (without any: from the order) to reachable, as the operator's core and the record have it. */
  backS: z.number(),
  tookS: z.number(),
  reason: z.string().optional(),
});
export type LabTrialResult = z.infer<typeof trialSchema>;

/** One line of the file of results. */
export const resultSchema = z.discriminatedUnion('kind', [referenceSchema, trialSchema]);
export type LabResult = z.infer<typeof resultSchema>;

/** Trials that say something of a gateway. */
export const judgedOf = (results: readonly LabResult[]): readonly LabTrialResult[] =>
  results.filter((result) => result.kind === 'trial').filter(({ outcome }) => outcome !== 'broken');

export const faultsIn = (trials: readonly LabTrialResult[]): number => trials.reduce((sum, { injected }) => sum + injected.length, 0);

/** Faults that no trial had, although each of them has had its turn to be the first of one: these trials say nothing of them. */
export function neverInjected(trials: readonly LabTrialResult[]): readonly LabFaultName[] {
  if (trials.length < faultModems.length * labFaultNames.length) return [];
  const tried = new Set(trials.flatMap(({ injected }) => injected.map(({ fault }) => fault)));
  return labFaultNames.filter((fault) => !tried.has(fault));
}
