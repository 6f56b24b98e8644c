import { parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { faultNames } from '../trial/fault-classes.ts';
import { runTrial } from '../trial/trial.ts';
import { summaryOf } from './summary.ts';
import { planOf } from './trial-name.ts';

const injectionSchema = z.object({ at: z.number(), fault: z.enum(faultNames) });
const trialsSchema = z.array(z.object({ story: z.string(), seed: z.number(), faults: z.array(injectionSchema) }));

for (const name of trialsSchema.parse(workerData)) parentPort?.postMessage(summaryOf(await runTrial(planOf(name))), []);
