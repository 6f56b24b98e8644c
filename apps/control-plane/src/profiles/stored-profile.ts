import { type ConnectionProfile, connectionProfileSchema } from '@towline/protocol';
import type { ShownProfile } from '@towline/protocol/http';
import * as z from 'zod';
import type { Sealer } from '../platform/sealer.ts';

/** A profile as it lies in the database: the password is sealed text. */
const storedProfileSchema = z.object({ ...connectionProfileSchema.shape, password: z.string().max(400).optional() });
export type StoredProfile = z.infer<typeof storedProfileSchema>;

export function storeProfile(profile: ConnectionProfile, sealer: Sealer): StoredProfile {
  return profile.password === undefined ? profile : { ...profile, password: sealer.seal(profile.password) };
}

export function readStoredProfile(json: unknown): StoredProfile {
  return storedProfileSchema.parse(json);
}

/** As the device gets it. */
export function openProfile(json: unknown, sealer: Sealer): ConnectionProfile {
  const stored = readStoredProfile(json);
  return connectionProfileSchema.parse(stored.password === undefined ? stored : { ...stored, password: sealer.open(stored.password) });
}

/** As anybody may see it, whether the password is sealed or not. */
export function showProfile({ password, ...shown }: StoredProfile): ShownProfile {
  return { ...shown, passwordSet: password !== undefined };
}
