import * as z from 'zod/mini';
import { bandsSchema } from '../documents/bands.ts';
import { targetVersionSchema } from '../documents/target.ts';
import { dataModeSchema, deviceTimeSchema, faultReportSchema, ipTypeSchema, radioAccessSchema, simSlotSchema } from '../scalars.ts';
import { heldVersionsSchema } from './hello.ts';
import { reportEnvelope } from './report.ts';
import { transactionIdSchema } from './transaction.ts';

const text = z.string().check(z.maxLength(80));
const decibel = z.nullable(z.number().check(z.minimum(-200), z.maximum(100)));

/** Where the connection machine of one modem stands. */
export const connectionStateSchema = z.enum([
  'absent',
  'at-ready',
  'identified',
  'radio-on',
  'sim-ready',
  'registered',
  'connected',
  'verified',
  'needs-person',
  'backing-off',
]);
export type ConnectionState = z.infer<typeof connectionStateSchema>;

export const signalSchema = z.object({ rssiDbm: decibel, rsrpDbm: decibel, rsrqDb: decibel, sinrDb: decibel });

export const registrationSchema = z.object({
  state: z.enum(['not-searching', 'home', 'searching', 'denied', 'unknown', 'roaming']),
  rat: z.nullable(z.enum(['gsm', 'umts', 'lte', 'lte-m', 'nb-iot', 'nr-nsa', 'nr-sa'])),
  servingPlmn: z.nullable(text),
  operator: z.nullable(text),
  area: z.nullable(text),
  cell: z.nullable(text),
});

export const simSchema = z.object({
  state: z.enum(['ready', 'pin-required', 'puk-required', 'absent', 'busy', 'failed']),
  iccid: z.nullable(text),
  imsi: z.nullable(text),
  homePlmn: z.nullable(text),
  /** EF_GID1, hexadecimal in capitals; left out where the SIM has none, or was not asked. */
  gid1: z.optional(text),
});

export const bearerSchema = z.object({
  /** What was asked for. */
  requestedApn: z.nullable(text),
  /** What the network gave, where the modem can tell. */
  apn: z.nullable(z.string().check(z.maxLength(120))),
  ipType: z.nullable(ipTypeSchema),
  dataMode: z.nullable(dataModeSchema),
  addresses: z.array(text).check(z.maxLength(8)),
});

const secondsSchema = z.int().check(z.minimum(0), z.maximum(86_400));

/** What the device can do with one modem where it is, so that a change can be judged before it is made. */
export const abilitiesSchema = z.object({
  /** Data modes that it can be dialled in as it stands, and those that it would have to be switched to. Drivers, tools and kernel are looked at. */
  modes: z.array(dataModeSchema).check(z.maxLength(6)),
  switches: z.array(dataModeSchema).check(z.maxLength(6)),
  /** It has two SIM slots, and the agent can choose; left out: not so. */
  simSlots: z.optional(z.literal(2)),
  /** Radio technologies and bands that it can be kept to; left out: it cannot be, or the agent is older. */
  radioAccess: z.optional(z.array(radioAccessSchema).check(z.maxLength(8))),
  bands: z.optional(bandsSchema),
  /** For how long the link may be away at most, by the model's own bounds: dialled anew, attached anew, switched to another mode. */
  redialS: secondsSchema,
  reattachS: secondsSchema,
  switchS: secondsSchema,
});
export type Abilities = z.infer<typeof abilitiesSchema>;

export const modemStateSchema = z.object({
  /** Stable name of the modem on this device: its USB path, or what the configuration calls it. */
  id: text,
  model: z.nullable(text),
  product: z.nullable(text),
  imei: z.nullable(text),
  firmware: z.nullable(text),
  connection: connectionStateSchema,
  sim: z.nullable(simSchema),
  /** The slot whose SIM is in use, of a modem that has two. */
  simSlot: z.optional(simSlotSchema),
  registration: z.nullable(registrationSchema),
  /** What rules see of roaming, where that has not lasted long enough to be what `registration` says. */
  roaming: z.optional(z.boolean()),
  signal: z.nullable(signalSchema),
  bearer: z.nullable(bearerSchema),
  /** Left out while the modem is not known. */
  abilities: z.optional(abilitiesSchema),
  /** `<profile id>@<version>` that the target's rules resolve to for this SIM, and the rule's name. */
  profileRef: z.nullable(text),
  rule: z.nullable(text),
  /** Why this data mode, where the profile leaves it open (`auto`) and the device decides. */
  modeReason: z.optional(z.nullable(z.string().check(z.maxLength(256)))),
  /** Why the modem is not where the target wants it. */
  fault: z.nullable(faultReportSchema),
});
export type ModemState = z.infer<typeof modemStateSchema>;

/** A change as the device sees it, while it is not over. */
export const targetChangeSchema = z.object({
  transaction: transactionIdSchema,
  /** `announcing`: the read-back agrees and the confirm is waited for. */
  phase: z.enum(['applying', 'announcing', 'reverting']),
  /** What was seen over the bearer: nothing, others but not the control plane, the control plane itself. */
  reach: z.enum(['none', 'witnessed', 'proven']),
});

/** A change that went back without a verdict, while it waits on what is known good for its next try. */
export const targetPauseSchema = z.object({
  /** Tries that it has yet, at most. */
  triesLeft: z.int().check(z.minimum(0), z.maximum(100)),
  /** When the next one begins, in Unix milliseconds by the device's clock; null: once the control plane was met. */
  until: z.nullable(deviceTimeSchema),
});

/** No device waits longer for its next try, from when the control plane is met; in seconds. */
export const longestPauseS = 75 * 60;

/** How far the device is with the target it holds. */
export const targetStatusSchema = z.object({
  version: targetVersionSchema,
  digest: z.string().check(z.maxLength(64)),
  /** `applied`: and confirmed. `reverted`: given up, and what was known good is up again. */
  status: z.enum(['applying', 'applied', 'failed', 'reverted']),
  /** Why it is not applied: of `reverted`, what was wrong with it, with the modem's own lines. */
  fault: z.optional(z.nullable(faultReportSchema)),
  /** The change under way, if there is one. */
  change: z.optional(z.nullable(targetChangeSchema)),
  /** What the next try waits for; left out: there is none, or it is under way. */
  pause: z.optional(targetPauseSchema),
});
export type TargetStatus = z.infer<typeof targetStatusSchema>;

/** What the device says it is. Sent on change and as a slow beat; the newest wins. */
export const stateSchema = z.object({
  ...reportEnvelope,
  held: heldVersionsSchema,
  target: z.nullable(targetStatusSchema),
  uptimeS: z.int().check(z.minimum(0)),
  /** Interfaces besides its modems by which the gateway has a way out, `eth0`; left out where the agent cannot see them. */
  uplinks: z.optional(z.array(text).check(z.maxLength(8))),
  modems: z.array(modemStateSchema).check(z.maxLength(8)),
});
export type StateReport = z.infer<typeof stateSchema>;
