import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { faultNames } from '../trial/fault-classes.ts';
import { runTrial } from '../trial/trial.ts';
import { summaryOf } from './summary.ts';
import { planOf } from './trial-name.ts';

const injectionSchema = z.object({ at: z.union([z.number(), z.string()]), fault: z.enum(faultNames) });
const trialsSchema = z.array(z.object({ story: z.string(), seed: z.number(), faults: z.array(injectionSchema) }));
const workSchema = z.object({ trials: trialsSchema, forMs: z.number() });

const { trials, forMs } = workSchema.parse(workerData);
const endMs = performance.now() + forMs;
for (const name of trials) if (performance.now() < endMs) parentPort?.postMessage(summaryOf(await runTrial(planOf(name))), []);
