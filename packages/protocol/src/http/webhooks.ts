import * as z from 'zod';
import { pageQuery, pageSchema, timeSchema } from './page.ts';

/** Everything that endpoints are told of. */
export const webhookTypeSchema = z.enum([
  'rollout.awaiting-approval',
  'rollout.approved',
  'rollout.started',
  'rollout.wave-opened',
  'rollout.wave-succeeded',
  'rollout.paused',
  'rollout.halted',
  'rollout.resumed',
  'rollout.finished',
  'rollout.aborted',
  'rollout.reverting',
  'rollout.reverted',
  /** A change went back by itself. */
  'device.reverted',
  'device.inconclusive',
  'device.committed',
  'device.clone-suspected',
  /** Any other event of severity `error`. */
  'device.trouble',
  'webhook.suspended',
  'webhook.test',
]);
export type WebhookType = z.infer<typeof webhookTypeSchema>;

/** One type, a whole family, or all. */
export const webhookPatternSchema = z.enum([...webhookTypeSchema.options, '*', 'rollout.*', 'device.*', 'webhook.*']);

/** Body of every message. Its id is the header `webhook-id`: the same when it is sent again. */
export const webhookMessageSchema = z
  .object({
    type: webhookTypeSchema,
    /** When it happened. */
    at: timeSchema,
    tenant: z.string(),
    /** Id of what it is about: rollout, device, endpoint. */
    subject: z.string(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'WebhookMessage' });
export type WebhookMessage = z.infer<typeof webhookMessageSchema>;

/**
 * Why a try failed. `address-refused`: the name leads to a network that nobody allowed. Of the certificate: signed by nobody that the control
 * plane trusts; expired, or not valid yet; for another name than the URL's. `tls-failed`: anything else of TLS.
 */
export const webhookFailureSchema = z.enum([
  'address-refused',
  'name-unknown',
  'connection-failed',
  'certificate-untrusted',
  'certificate-expired',
  'certificate-other-name',
  'tls-failed',
  'timed-out',
  'redirected',
  'refused',
  'gone',
  'secret-unreadable',
]);
export type WebhookFailure = z.infer<typeof webhookFailureSchema>;

const urlSchema = z
  .url({ protocol: /^https?$/, error: 'must be a URL such as https://hooks.example.net/towline' })
  .max(2000)
  .regex(/^[^#\\]*$/, 'must have no fragment and no backslash')
  .refine((text) => !/^\w+:\/*[^/?]*@/.test(text), 'must hold no account: it would be shown');
const descriptionSchema = z.string().trim().max(200);
const typesSchema = z
  .array(webhookPatternSchema)
  .min(1)
  .max(50)
  .overwrite((types) => [...new Set(types)].sort());

export const webhookStateSchema = z.enum(['active', 'paused', 'suspended']);
export type WebhookState = z.infer<typeof webhookStateSchema>;

export const createWebhookSchema = z
  .strictObject({ url: urlSchema, types: typesSchema, description: descriptionSchema.default('') })
  .meta({ id: 'CreateWebhook' });
export type CreateWebhook = z.infer<typeof createWebhookSchema>;

/** `active` also ends a suspension: what waited is tried at once. */
export const updateWebhookSchema = z
  .strictObject({
    url: urlSchema.optional(),
    types: typesSchema.optional(),
    description: descriptionSchema.optional(),
    state: z.enum(['active', 'paused']).optional(),
  })
  .meta({ id: 'UpdateWebhook' });
export type UpdateWebhook = z.infer<typeof updateWebhookSchema>;

export const webhookSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    description: z.string(),
    types: z.array(z.string()),
    state: webhookStateSchema,
    /** Tries in a row that failed. */
    failures: z.int(),
    /** No try before then. */
    blockedUntil: timeSchema.nullable(),
    suspendedAt: timeSchema.nullable(),
    createdAt: timeSchema,
    createdBy: z.uuid(),
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof webhookSchema>;
export const webhookPageSchema = pageSchema(webhookSchema, 'WebhookPage');

/** `secret` is shown this once: `whsec_` and 32 bytes in base64. */
export const webhookWithSecretSchema = webhookSchema.extend({ secret: z.string() }).meta({ id: 'WebhookWithSecret' });
export type WebhookWithSecret = z.infer<typeof webhookWithSecretSchema>;

export const deliveryStateSchema = z.enum(['waiting', 'delivered', 'failed']);
export const webhookDeliverySchema = z
  .object({
    id: z.uuid(),
    type: z.string(),
    body: webhookMessageSchema,
    state: deliveryStateSchema,
    attempt: z.int(),
    nextTryAt: timeSchema.nullable(),
    /** HTTP status of the last try, where there was one. */
    lastStatus: z.int().nullable(),
    lastError: webhookFailureSchema.nullable(),
    createdAt: timeSchema,
    endedAt: timeSchema.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;
export const webhookDeliveryPageSchema = pageSchema(webhookDeliverySchema, 'WebhookDeliveryPage');
export const webhookDeliveryQuerySchema = z.strictObject({ ...pageQuery, state: deliveryStateSchema.optional() });
export type WebhookDeliveryQuery = z.infer<typeof webhookDeliveryQuerySchema>;

/** How many failed deliveries were put on their way again; send it again while there are some. */
export const redeliveredSchema = z.object({ deliveries: z.int() }).meta({ id: 'Redelivered' });
