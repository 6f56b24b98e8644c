import * as z from 'zod';
import { modelBandsSchema } from './bands.schema.ts';
import { dataModeDialectSchema, dialDialectSchema, dialectsSchema } from './dialects.schema.ts';
import { quirkSchema } from './quirk.ts';
import { radioAccessesSchema } from './radio-access.schema.ts';
import { simSlotsSchema } from './sim-slots.schema.ts';
import { dataModeSchema, usbBootInterfaceSchema, usbDeviceSchema, usbIdSchema, usbLayoutSchema } from './usb.schema.ts';

const secondsSchema = z.int().min(1).max(3600);

/** What the modem says of itself. Compared without regard to case; the longest product name that is found wins. */
const matchSchema = z.strictObject({
  /** Found in the answer to `AT+CGMI`. Empty: any. */
  manufacturers: z.array(z.string().min(2)),
  /** Found in the answer to `AT+CGMM` or `ATI`. */
  products: z.array(z.string().min(3)),
});

const dataModesSchema = z.strictObject({
  dialect: dataModeDialectSchema,
  /** Sierra: the configuration type that is written before the bitmask; null where the dialect has none. */
  usbcompType: z.int().min(0).max(9).nullable(),
  /** Whether the test form of the dialect's command (`AT+QCFG=?`) lists what this firmware offers. */
  listed: z.boolean(),
  /** How a written mode comes into force. */
  appliedBy: z.enum(['reset', 'itself', 'never']),
  modes: z
    .array(
      z.strictObject({
        mode: dataModeSchema,
        /** How the modem names this mode in its data mode dialect; null: the mode works in every composition, or there is only one. */
        code: z.string().min(1).nullable(),
        /** Best first; the AT driver takes the first one that goes by AT. */
        dial: z.array(dialDialectSchema).min(1),
      }),
    )
    .min(1),
});

/** How long the modem may take, in seconds, before that counts as a failure. */
const boundsSchema = z.strictObject({
  /** A command that answers at once. */
  command: secondsSchema,
  /** Turning the radio on or off. */
  radio: secondsSchema,
  /** From radio on to a SIM that is ready or says why not. */
  simReady: secondsSchema,
  /** From radio on to registered, on the usual technology. */
  register: secondsSchema,
  /** The same on LTE Cat-M1 or NB-IoT. */
  registerLpwa: secondsSchema,
  dial: secondsSchema,
  hangUp: secondsSchema,
  /** From a connected bearer to an address on it. */
  address: secondsSchema,
  /** From a reset until the USB device is back. */
  reenumerate: secondsSchema,
});

const evidenceSchema = z.strictObject({
  /** Path of what is claimed, `usb.layouts` or `dialects.signal`. */
  field: z.string().min(1),
  /** `documented`: a manual or driver source says so; `seen`: a public log shows it; `general-knowledge`: unverified. */
  kind: z.enum(['documented', 'seen', 'general-knowledge']),
  source: z.string().min(1),
});

/** Everything known of one kind of modem. Closed vocabularies only: a new file needs no new code. */
export const modelSchema = z.strictObject({
  /** Kebab-case, equal to the file's name. */
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().min(1),
  vendor: z.enum(['quectel', 'sierra', 'simcom', 'telit', 'huawei', 'generic']),
  match: matchSchema,
  technology: z.enum(['lpwa', 'lte', 'nr', 'unknown']),
  usb: z.strictObject({
    ids: z.array(usbIdSchema),
    layouts: z.array(usbLayoutSchema),
    device: usbDeviceSchema.optional(),
    /** The interfaces under an id whose role is `boot`. */
    boot: z.array(usbBootInterfaceSchema).min(1).optional(),
  }),
  dataModes: dataModesSchema,
  /** Left out: the modem is left to choose. */
  radioAccess: radioAccessesSchema.optional(),
  /** Left out: which bands it uses is left to the modem. */
  bands: modelBandsSchema.optional(),
  /** Left out: it has one slot, or how to choose is not known. */
  simSlots: simSlotsSchema.optional(),
  dialects: dialectsSchema,
  /** The context that the modem attaches with (initial EPS bearer). */
  attachContext: z.int().min(1).max(16),
  quirks: z.array(quirkSchema),
  bounds: boundsSchema,
  evidence: z.array(evidenceSchema).min(1),
});

export type Model = z.infer<typeof modelSchema>;
