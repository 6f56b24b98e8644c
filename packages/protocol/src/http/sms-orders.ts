import * as z from 'zod';
import { smsOrderKinds } from '../documents/sms-order.ts';

/** What a device is to do that IP does not reach. */
export const createSmsOrderSchema = z.strictObject({ order: z.enum(smsOrderKinds) }).meta({ id: 'CreateSmsOrder' });
export type CreateSmsOrder = z.infer<typeof createSmsOrderSchema>;

/** The text to send to the device's number, from a number that its configuration allows. It works once. */
export const smsOrderSchema = z.object({ text: z.string(), counter: z.int() }).meta({ id: 'SmsOrder' });
export type CreatedSmsOrder = z.infer<typeof smsOrderSchema>;
