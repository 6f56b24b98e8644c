import { connectionProfileSchema } from '@towline/protocol';
import { type ProfileDocument, profileDocumentSchema, type ShownProfile } from '@towline/protocol/http';
import * as z from 'zod';
import type { Sealer } from '../platform/sealer.ts';

/** A profile as it lies in the database: the password is sealed text, APN and username may hold variables. */
const storedProfileSchema = z.object({
  ...connectionProfileSchema.shape,
  apn: z.string(),
  username: z.string().optional(),
  password: z.string().max(400).optional(),
});
export type StoredProfile = z.infer<typeof storedProfileSchema>;

export function storeProfile(profile: ProfileDocument, sealer: Sealer): StoredProfile {
  return profile.password === undefined ? profile : { ...profile, password: sealer.seal(profile.password) };
}

export function readStoredProfile(json: unknown): StoredProfile {
  return storedProfileSchema.parse(json);
}

/** As it was written, the password open; variables are put in when a target is composed. */
export function openProfile(json: unknown, sealer: Sealer): ProfileDocument {
  const stored = readStoredProfile(json);
  return profileDocumentSchema.parse(stored.password === undefined ? stored : { ...stored, password: sealer.open(stored.password) });
}

/** As anybody may see it, whether the password is sealed or not. */
export function showProfile({ password, ...shown }: StoredProfile): ShownProfile {
  return { ...shown, passwordSet: password !== undefined };
}
