import * as z from 'zod';
import { targetVersionSchema } from '../documents/target.ts';
import { jobOrderSchema } from '../messages/job.ts';
import { dryRunCountSchema, dryRunRiskSchema } from './dry-runs.ts';
import { orderSchema } from './jobs.ts';
import { momentSchema, nameSchema, pageQuery, pageSchema, timeSchema, versionRefSchema } from './page.ts';
import { selectionSchema } from './selection.ts';
import { scheduleSchema } from './windows.ts';

/** What a rollout does; the control plane holds the table of what may follow what. */
export const rolloutStateSchema = z.enum([
  'draft',
  'planned',
  'awaiting-approval',
  'scheduled',
  'running',
  'paused',
  'finished',
  'aborted',
  'reverting',
  'reverted',
]);
export type RolloutState = z.infer<typeof rolloutStateSchema>;

/**
 * Where one device of a rollout stands. `waiting`: cannot be opened now (its code says why) and counts nowhere; it is taken up when it can
 * be, until the rollout ends. `opened`: its target is written, it did not acknowledge yet. `changing`: it holds the target, silence counts.
 */
export const rolloutDeviceStateSchema = z.enum([
  'pending',
  'waiting',
  'opened',
  'changing',
  'succeeded',
  'failed',
  'reverted',
  'silent',
  'skipped',
  'cancelled',
]);
export type RolloutDeviceState = z.infer<typeof rolloutDeviceStateSchema>;

const percentSchema = z.number().min(0).max(100);
const secondsSchema = (min: number, max: number) => z.int().min(min).max(max);
const capSchema = z.int().min(1).max(1_000_000).optional();
const daySeconds = 86_400;
export const maxWaves = 100;

/**
 * How the devices are cut into waves. Sizes are devices, percents are of all devices and rounded up; the last wave takes who is left.
 * `rate`: one wave, opened at a pace that grows by `factor` each time so many devices were notified, or succeeded (as AWS IoT Jobs has it).
 */
export const wavesSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('counts'), sizes: z.array(z.int().min(1).max(10_000_000)).min(1).max(maxWaves) }),
    z.strictObject({ kind: z.literal('percents'), percents: z.array(percentSchema.gt(0)).min(1).max(maxWaves) }),
    z.strictObject({
      kind: z.literal('rate'),
      basePerMinute: z.int().min(1).max(60_000).default(50),
      factor: z.number().min(1).max(5).default(2),
      counting: z.enum(['notified', 'succeeded']).default('notified'),
      after: z.int().min(1).max(1_000_000).default(1000),
      maxPerMinute: z.int().min(1).max(60_000).default(1000),
    }),
  ])
  .meta({ id: 'RolloutWaves' });
export type RolloutWaves = z.infer<typeof wavesSchema>;

/** A healthy device says at once that it has a target, but a network at the edge of a cell takes seconds each way: with less to spare, haste would judge it. */
const leastReachS = 30;
const leastDeliveryS = 10;

/** How a rollout goes. What was approved cannot change afterwards. Times are seconds. */
export const rolloutSettingsSchema = z
  .strictObject({
    waves: wavesSchema.default({ kind: 'percents', percents: [5, 25, 70] }),
    /** Waves, from 1, that a person begins. */
    manualWaves: z.array(z.int().min(1).max(maxWaves)).max(maxWaves).default([]),
    /** Of the devices of a wave that could be reached, so many must succeed before the next begins. */
    successPercent: percentSchema.default(90),
    /** And at least so many; of a wave in which fewer could be reached, all of them. */
    successCount: z.int().min(1).max(1_000_000).optional(),
    /** When more than this share of a wave's reachable devices went wrong, the rollout stops. */
    failurePercent: percentSchema.optional(),
    /** When so many devices of a wave went wrong, it stops as well. */
    failureCount: z.int().min(1).max(1_000_000).optional(),
    /** Over the whole rollout: devices that failed, went back or fell silent, among those that acknowledged. */
    breaker: z
      .strictObject({
        percent: percentSchema.gt(0).default(10),
        count: z.int().min(1).optional(),
        minimumSample: z.int().min(1).default(10),
        action: z.enum(['pause', 'revert']).default('pause'),
      })
      .prefault({}),
    /** How many devices may be on their way at once: of this rollout, and for the others of all rollouts together. */
    caps: z
      .strictObject({
        inFlight: z.int().min(1).max(100_000).default(500),
        perSite: capSchema,
        /** By the network that they are on. */
        perCarrier: capSchema,
        perCell: capSchema,
        perModel: capSchema,
      })
      .prefault({}),
    timeouts: z
      .strictObject({
        /** For a device that looks online to acknowledge; after it, it waits, and the target is held back. */
        reachS: secondsSchema(leastReachS, 3600).default(120),
        /** For the answer that a device owes once it acknowledged: longer than the change and its way back take. */
        answerS: secondsSchema(5, 7 * daySeconds).default(3600),
      })
      .prefault({}),
    /** Further tries of a device that failed, went back or fell silent. */
    retries: z
      .strictObject({
        attempts: z.int().min(0).max(10).default(0),
        baseS: secondsSchema(1, daySeconds).default(300),
        factor: z.number().min(1).max(10).default(2),
        maxS: secondsSchema(1, 7 * daySeconds).default(daySeconds),
      })
      .prefault({}),
    /** In each device's own zone; opened only while the rest of a window holds `timeouts.answerS`. */
    schedule: scheduleSchema.prefault({}),
    /** Nothing new is opened while our own side is slow: 95 of 100 recent devices got their target, or their confirm, within this. */
    brake: z
      .strictObject({ deliveryS: secondsSchema(leastDeliveryS, 600).default(30), confirmS: secondsSchema(1, 7200).optional() })
      .prefault({}),
    /** After the start; devices that still wait then are left out. */
    endAfterS: secondsSchema(60, 365 * daySeconds).default(14 * daySeconds),
  })
  .meta({ id: 'RolloutSettings' });
export type RolloutSettings = z.infer<typeof rolloutSettingsSchema>;

/** How many devices stand in each state. */
export const rolloutCountsSchema = z.record(rolloutDeviceStateSchema, z.int()).meta({ id: 'RolloutCounts' });
export type RolloutCounts = Readonly<Record<RolloutDeviceState, number>>;

export const rolloutWaveSchema = z
  .object({
    number: z.int(),
    size: z.int(),
    manual: z.boolean(),
    openedAt: timeSchema.nullable(),
    counts: rolloutCountsSchema,
  })
  .meta({ id: 'RolloutWave' });
export type RolloutWave = z.infer<typeof rolloutWaveSchema>;

const noteSchema = z.string().trim().min(1).max(500);
const prioritySchema = z.int().min(-1000).max(1000);

const draftShape = {
  name: nameSchema,
  /** The version that devices go to; or else `order`. */
  policy: versionRefSchema.optional(),
  /** A job that each device gets. */
  order: orderSchema.optional(),
  selection: selectionSchema,
  settings: rolloutSettingsSchema.prefault({}),
  /** Where two rollouts want one device, the higher goes first, then the older. */
  priority: prioritySchema.default(0),
  /** Begins by itself then, once it is approved; without it somebody starts it. */
  startAt: momentSchema.optional(),
  note: noteSchema.optional(),
};

/** Makes a draft: nothing moves. With an `id` of its own it can be sent twice and is made once. */
export const createRolloutSchema = z
  .strictObject({ id: z.uuid().optional(), ...draftShape })
  .refine(({ policy, order }) => (policy === undefined) !== (order === undefined), {
    path: ['policy'],
    message: 'give either policy or order',
  })
  .refine(({ order, settings }) => order === undefined || settings.breaker.action === 'pause', {
    path: ['settings.breaker.action'],
    message: 'must be pause: what was ordered cannot be taken back',
  })
  .meta({ id: 'CreateRollout' });
export type CreateRollout = z.infer<typeof createRolloutSchema>;

/** Name, priority and note at any time; all else only before it is submitted, and it is a draft again then. */
export const updateRolloutSchema = z
  .strictObject({
    name: nameSchema.optional(),
    priority: prioritySchema.optional(),
    note: noteSchema.nullable().optional(),
    policy: versionRefSchema.optional(),
    order: orderSchema.optional(),
    selection: selectionSchema.optional(),
    settings: rolloutSettingsSchema.optional(),
    startAt: momentSchema.nullable().optional(),
  })
  .meta({ id: 'UpdateRollout' });
export type UpdateRollout = z.infer<typeof updateRolloutSchema>;

/** With the `revision` that was seen, an act on what has changed since is refused. */
export const rolloutActSchema = z
  .strictObject({ revision: z.int().min(1).optional(), reason: noteSchema.optional() })
  .prefault({})
  .meta({ id: 'RolloutAct' });
export type RolloutActRequest = z.infer<typeof rolloutActSchema>;

/** More devices than may be rolled out to alone: `size`, of any; else with this risk. */
export const approvalCauseSchema = z.enum(['size', ...dryRunRiskSchema.options]);
export type ApprovalCause = z.infer<typeof approvalCauseSchema>;

export const rolloutSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    kind: z.enum(['policy', 'job']),
    /** Null where each device has its own: a way back. */
    policy: versionRefSchema.nullable(),
    /** Of kind `job`. */
    order: z.nullable(jobOrderSchema),
    selection: z.union([selectionSchema, z.object({})]),
    settings: rolloutSettingsSchema,
    state: rolloutStateSchema,
    reason: z.string().nullable(),
    /** Why nothing is opened although devices are there. */
    obstacle: z.string().nullable(),
    revision: z.int(),
    priority: z.int(),
    currentWave: z.int(),
    waves: z.array(rolloutWaveSchema),
    devices: z.int(),
    counts: rolloutCountsSchema,
    /** Devices of each risk when it was planned; null where the tenant sets no bound on a risk, and for an order. */
    risks: z.array(dryRunCountSchema).nullable(),
    /** Why it needs a second person. */
    approvalCauses: z.array(approvalCauseSchema),
    note: z.string().nullable(),
    createdAt: timeSchema,
    createdBy: z.uuid(),
    approvedAt: timeSchema.nullable(),
    approvedBy: z.uuid().nullable(),
    startAt: timeSchema.nullable(),
    startedAt: timeSchema.nullable(),
    endAt: timeSchema.nullable(),
    endedAt: timeSchema.nullable(),
    /** The rollout that this one leads back from. */
    revertOf: z.uuid().nullable(),
    /** The rollout that leads back from this one. */
    wayBack: z.uuid().nullable(),
  })
  .meta({ id: 'Rollout' });
export type Rollout = z.infer<typeof rolloutSchema>;
export const rolloutPageSchema = pageSchema(rolloutSchema, 'RolloutPage');

/** Newest first. */
export const rolloutQuerySchema = z.strictObject({ ...pageQuery, state: rolloutStateSchema.optional() });
export type RolloutQuery = z.infer<typeof rolloutQuerySchema>;

export const rolloutDeviceSchema = z
  .object({
    device: z.string(),
    name: z.string(),
    wave: z.int(),
    state: rolloutDeviceStateSchema,
    code: z.string().nullable(),
    /** Of `rollout.precedence`: the other rollout that has to be done with it first. */
    waitsFor: z.uuid().nullable(),
    attempt: z.int(),
    target: z.nullable(targetVersionSchema),
    job: z.uuid().nullable(),
    before: versionRefSchema.nullable(),
    openedAt: timeSchema.nullable(),
    dueAt: timeSchema.nullable(),
    nextTryAt: timeSchema.nullable(),
    changedAt: timeSchema,
  })
  .meta({ id: 'RolloutDevice' });
export type RolloutDeviceItem = z.infer<typeof rolloutDeviceSchema>;
export const rolloutDevicePageSchema = pageSchema(rolloutDeviceSchema, 'RolloutDevicePage');

/** By device id. */
export const rolloutDeviceQuerySchema = z.strictObject({
  ...pageQuery,
  state: rolloutDeviceStateSchema.optional(),
  /** Why it stands there: `apn.not-subscribed`. */
  code: z.string().min(1).max(100).optional(),
  wave: z.coerce.number().int().min(1).optional(),
});
export type RolloutDeviceQuery = z.infer<typeof rolloutDeviceQuerySchema>;

/** Another rollout that has yet to bring devices of this one to an end. */
export const rolloutOverlapSchema = z
  .object({
    rollout: z.uuid(),
    name: z.string(),
    state: rolloutStateSchema,
    priority: z.int(),
    /** Devices that both want. */
    devices: z.int(),
    /** They wait for that one; else those of that one wait, but for devices that it has on their way already. */
    goesFirst: z.boolean(),
  })
  .meta({ id: 'RolloutOverlap' });
export type RolloutOverlap = z.infer<typeof rolloutOverlapSchema>;
/** In the order in which they go. */
export const rolloutOverlapsSchema = z.object({ items: z.array(rolloutOverlapSchema) }).meta({ id: 'RolloutOverlaps' });
export type RolloutOverlaps = z.infer<typeof rolloutOverlapsSchema>;

const devicesBoundSchema = z.int().min(0).max(1_000_000_000);

/** Rollouts to more devices, or to more devices with one of these risks, need a second person. */
export const rolloutApprovalSchema = z
  .strictObject({
    /** With what may grow; null: none does for its size. */
    above: devicesBoundSchema.nullable(),
    /** What a dry run says of each device when the rollout is planned. A risk that is not named needs nobody. */
    risks: z.partialRecord(dryRunRiskSchema, devicesBoundSchema),
  })
  .meta({ id: 'RolloutApproval' });
export type RolloutApproval = z.infer<typeof rolloutApprovalSchema>;
/** What is not given stays; `risks` are given whole. */
export const updateRolloutApprovalSchema = rolloutApprovalSchema.partial().meta({ id: 'UpdateRolloutApproval' });
export type UpdateRolloutApproval = z.infer<typeof updateRolloutApprovalSchema>;
