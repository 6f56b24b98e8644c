import * as z from 'zod/mini';
import {
  apnPasswordSchema,
  apnSchema,
  apnUsernameSchema,
  authMethodSchema,
  dataModeSchema,
  ipTypeSchema,
  radioAccessSchema,
} from '../scalars.ts';
import { bandsSchema } from './bands.ts';

/** What to dial with. `password` is a secret: sealed at rest, in no response, log or event. */
export const connectionProfileSchema = z.object({
  apn: apnSchema,
  ipType: ipTypeSchema,
  auth: authMethodSchema,
  username: z.optional(apnUsernameSchema),
  password: z.optional(apnPasswordSchema),
  /** `auto` keeps the mode that the modem is in. */
  dataMode: z.union([z.literal('auto'), dataModeSchema]),
  /** Whether the bearer may come up while the SIM roams. */
  roaming: z.boolean(),
  /** The radio technology that the modem is kept to, or `auto`; left out: it is left as it is. */
  radioAccess: z.optional(radioAccessSchema),
  /** The bands that the modem may use, by technology; of what is left out, those that it uses now. */
  bands: z.optional(bandsSchema),
  /** Seconds that a change to it may take before the device goes back by itself; left out: what the modem's own bounds add up to, and half as much again. */
  changeWithinS: z.optional(z.int().check(z.minimum(300), z.maximum(14_400))),
});
export type ConnectionProfile = z.infer<typeof connectionProfileSchema>;
