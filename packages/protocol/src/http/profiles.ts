import * as z from 'zod';
import { connectionProfileSchema } from '../documents/connection-profile.ts';
import { nameSchema, pageSchema, timeSchema, versionNumberSchema } from './page.ts';

/** What to dial with. PAP and CHAP need a username; without them neither username nor password has a meaning. */
export const profileDocumentSchema = z
  .strictObject(connectionProfileSchema.shape)
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

/** A profile as it may be shown: the password is write-only. */
const { password: _secret, ...shownMembers } = connectionProfileSchema.shape;
export const shownProfileSchema = z.object({ ...shownMembers, passwordSet: z.boolean() }).meta({ id: 'ShownProfile' });
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
