import { connectionProfileSchema, dataModeSchema, simSlotSchema, targetVersionSchema, transactionIdSchema } from '@towline/protocol';
import * as z from 'zod/mini';

const number = z.number();
const placeSchema = { modem: z.string(), iccid: z.string() };

const configurationSchema = z.object({
  profileRef: z.string(),
  rule: z.string(),
  profile: connectionProfileSchema,
  mode: dataModeSchema,
  key: z.string(),
  unread: z.optional(z.array(z.enum(['credentials', 'ip-type', 'roaming']))),
  slot: z.optional(simSlotSchema),
  isSimUnread: z.optional(z.literal(true)),
});
const refusalSchema = z.object({ code: z.string(), evidence: z.array(z.string()) });

/** A transaction as the journal holds it. */
const transactionSchema = z.object({
  ...placeSchema,
  newIccid: z._default(z.nullable(z.string()), null),
  id: transactionIdSchema,
  version: targetVersionSchema,
  digest: z.string(),
  from: z.nullable(configurationSchema),
  fromStanding: z.enum(['confirmed', 'assumed']),
  to: configurationSchema,
  others: z.array(configurationSchema),
  phase: z.enum(['applying', 'announcing', 'confirmed', 'reverting']),
  boot: z.string(),
  rebootDeclared: z.boolean(),
  restarts: z.int(),
  budgetMs: number,
  deadlineMs: number,
  reach: z.enum(['none', 'witnessed', 'proven']),
  agrees: z.boolean(),
  held: z.boolean(),
  refusal: z.nullable(refusalSchema),
  turn: z.int(),
  turnEndsMs: number,
});

export const changesSchema = z.array(transactionSchema);

/** Known goods and what was given up. Sealed: passwords are in it. */
export const keepsakesSchema = z.object({
  confirms: z.nullable(z.boolean()),
  knownGoods: z.array(
    z.object({
      ...placeSchema,
      configuration: configurationSchema,
      standing: z.enum(['confirmed', 'assumed']),
      earlier: z.array(configurationSchema),
    }),
  ),
  givenUp: z.array(
    z.object({
      ...placeSchema,
      key: z.string(),
      version: targetVersionSchema,
      refusal: refusalSchema,
      inconclusive: z.boolean(),
      tries: z.int(),
    }),
  ),
});
