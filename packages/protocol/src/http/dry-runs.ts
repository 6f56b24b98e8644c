import * as z from 'zod';
import { assignmentRefusalSchema } from './assignments.ts';
import { fieldChangeSchema } from './explain.ts';
import { versionRefSchema } from './page.ts';
import { selectionSchema } from './selection.ts';

/** What a policy version would do to these devices. Nothing is changed. */
export const dryRunSchema = z.strictObject({ policy: versionRefSchema, selection: selectionSchema }).meta({ id: 'DryRun' });
export type DryRun = z.infer<typeof dryRunSchema>;

/**
 * What is done to one modem, by how much of the way is gone again. `none`: nothing that the link would notice. `down`: it is taken down and
 * stays so.
 */
export const effectKindSchema = z.enum(['none', 'redial', 'reattach', 'switch', 'other-sim', 'down']);
export type EffectKind = z.infer<typeof effectKindSchema>;

export const effectStepSchema = z.enum([
  'hang-up',
  'write-context',
  'write-data-mode',
  'write-sim-slot',
  'write-radio-access',
  'write-bands',
  'restart-modem',
  'cycle-radio',
  'register',
  'dial',
  'verify',
]);
export type EffectStep = z.infer<typeof effectStepSchema>;

/** Why a device may be out of reach afterwards, or the change not go as meant. */
export const dryRunRiskSchema = z.enum([
  /** The link that changes is the only way to the device that is up now. */
  'uplink.only',
  /** Whether there is another way out is not known: its agent does not tell. */
  'uplink.unknown',
  /** And no other modem with a card that is ready. */
  'lifeline.none',
  /** It does not tell what it can do, so neither outage nor modes could be judged, nor does it know every condition. */
  'agent.old',
  /** A driver or a tool for the new data mode is missing, or the modem has no such mode. */
  'mode.unavailable',
  /** The modem cannot be kept to the radio technology, or to the bands. */
  'radio-access.unavailable',
  'bands.unavailable',
  /** The modem is not known to have a second SIM slot. */
  'sim-slot.unavailable',
  /** Which SIM is in the slot that it is to use, and whether it works there, nobody knows before. */
  'sim.unseen',
  'jobs.open',
  'change.under-way',
  /** Below -110 dBm. */
  'signal.weak',
  /** The profile forbids roaming, and the SIM roams now. */
  'roaming.refused',
  /** No rule would hold for a SIM that is there. */
  'rule.none',
  'device.offline',
  'site.on-hold',
]);
export type DryRunRisk = z.infer<typeof dryRunRiskSchema>;

export const modemEffectSchema = z
  .object({
    modem: z.string(),
    rule: z.object({ from: z.string().nullable(), to: z.string().nullable() }),
    /** Against the target that the device has, else against what it has dialled. A password is named and never shown. */
    changes: z.array(fieldChangeSchema),
    kind: effectKindSchema,
    steps: z.array(effectStepSchema),
    /** Whether a link that is up goes down by it. */
    cutsLink: z.boolean(),
    /** Seconds at most, by the bounds of the modem's model; null: not known, or for good. */
    outageS: z.int().nullable(),
  })
  .meta({ id: 'ModemEffect' });
export type ModemEffect = z.infer<typeof modemEffectSchema>;

/** `unchanged`: it has this target already. `refused`: it would get none, by `code`. */
export const dryRunDeviceSchema = z
  .object({
    kind: z.literal('device'),
    device: z.string(),
    name: z.string(),
    outcome: z.enum(['assigned', 'unchanged', 'refused']),
    code: assignmentRefusalSchema.nullable(),
    modems: z.array(modemEffectSchema),
    risks: z.array(dryRunRiskSchema),
  })
  .meta({ id: 'DryRunDevice' });
export type DryRunDevice = z.infer<typeof dryRunDeviceSchema>;

/** Devices of which the same is to be said. */
export const dryRunCountSchema = z.object({ value: z.string(), count: z.int() }).meta({ id: 'DryRunCount' });

export const dryRunSummarySchema = z
  .object({
    kind: z.literal('summary'),
    devices: z.int(),
    assigned: z.int(),
    unchanged: z.int(),
    refused: z.array(dryRunCountSchema),
    /** Devices of which a link that is up goes down. */
    cut: z.int(),
    /** By the greatest effect on any of their modems. */
    effects: z.array(dryRunCountSchema),
    risks: z.array(dryRunCountSchema),
    /** Seconds at most, over the devices that are cut and tell; null where none does. */
    outage: z.object({ medianS: z.int(), maxS: z.int() }).nullable(),
    /** For a person to read. */
    text: z.string(),
  })
  .meta({ id: 'DryRunSummary' });
export type DryRunSummary = z.infer<typeof dryRunSummarySchema>;

/** One line of the answer: devices in the order of their ids, then the sum of all. An answer without its last line was cut short. */
export const dryRunLineSchema = z.discriminatedUnion('kind', [dryRunDeviceSchema, dryRunSummarySchema]).meta({ id: 'DryRunLine' });
export type DryRunLine = z.infer<typeof dryRunLineSchema>;
