import * as z from 'zod';
import { connectionProfileSchema } from '../documents/connection-profile.ts';
import { apnSchema, apnUsernameSchema } from '../scalars.ts';
import { nameSchema, pageSchema, timeSchema, versionNumberSchema } from './page.ts';
import { fillTemplate } from './template.ts';

/** A text with `${name}` in it that fits once values are put in: tried with the shortest there are. */
function templateOf(schema: typeof apnSchema) {
  return z
    .string()
    .max(200)
    .superRefine((template, context) => {
      const filled = fillTemplate(template, () => 'x');
      const fitting = filled.ok ? schema.safeParse(filled.text) : null;
      const message = fitting ? fitting.error?.issues[0]?.message : 'write ${name}, or $${ for ${ itself';
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    });
}

/**
 * What to dial with. PAP and CHAP need a username; without them neither username nor password has a meaning. APN and username may hold
 * variables, `fleet.${site}`; a password is taken as it stands.
 */
export const profileDocumentSchema = z
  .strictObject({ ...connectionProfileSchema.shape, apn: templateOf(apnSchema), username: templateOf(apnUsernameSchema).optional() })
  .superRefine((profile, context) => {
    if (profile.auth === 'none') {
      for (const field of ['username', 'password'] as const) {
        if (profile[field] !== undefined)
          context.addIssue({ code: 'custom', path: [field], message: 'leave it out, or set auth to pap or chap' });
      }
    } else if (profile.username === undefined) {
      context.addIssue({ code: 'custom', path: ['username'], message: `auth ${profile.auth} needs a username` });
    }
  })
  .meta({ id: 'ProfileDocument' });

export type ProfileDocument = z.infer<typeof profileDocumentSchema>;

/** A profile as it may be shown: the password is write-only, and variables stand as they were written, but in a target. */
const { password: _secret, ...shownMembers } = connectionProfileSchema.shape;
export const shownProfileSchema = z
  .object({ ...shownMembers, apn: z.string(), username: z.string().optional(), passwordSet: z.boolean() })
  .meta({ id: 'ShownProfile' });
export type ShownProfile = z.infer<typeof shownProfileSchema>;

export const profileSchema = z.object({ id: z.uuid(), name: z.string(), latest: versionNumberSchema }).meta({ id: 'Profile' });
export type Profile = z.infer<typeof profileSchema>;
export const profilePageSchema = pageSchema(profileSchema, 'ProfilePage');

export const profileVersionSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    version: versionNumberSchema,
    profile: shownProfileSchema,
    createdAt: timeSchema,
    createdBy: z.uuid(),
  })
  .meta({ id: 'ProfileVersion' });
export type ProfileVersion = z.infer<typeof profileVersionSchema>;
export const profileVersionPageSchema = pageSchema(profileVersionSchema, 'ProfileVersionPage');

export const createProfileSchema = z.strictObject({ name: nameSchema, profile: profileDocumentSchema }).meta({ id: 'CreateProfile' });
export type CreateProfile = z.infer<typeof createProfileSchema>;
export const addProfileVersionSchema = z.strictObject({ profile: profileDocumentSchema }).meta({ id: 'AddProfileVersion' });
export type AddProfileVersion = z.infer<typeof addProfileVersionSchema>;
