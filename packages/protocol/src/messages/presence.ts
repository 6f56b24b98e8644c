import * as z from 'zod/mini';
import { connectionNumberSchema } from './hello.ts';

/** Also the last will, with `online: false`. One that carries an older connection number changes nothing. */
export const presenceSchema = z.object({ connection: connectionNumberSchema, online: z.boolean() });
export type Presence = z.infer<typeof presenceSchema>;
