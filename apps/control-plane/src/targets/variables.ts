import { type ConnectionProfile, connectionProfileSchema, type RuleLevel } from '@towline/protocol';
import { fillTemplate, type ProfileDocument, type Variables } from '@towline/protocol/http';

/** A value as it was set for a device, a group, a site or the fleet. */
export interface AssignedVariable {
  readonly level: RuleLevel;
  /** Of the group that it was set for; 0 elsewhere. */
  readonly rank: number;
  readonly name: string;
  readonly value: string;
}

const weight: Readonly<Record<RuleLevel, number>> = { device: 0, group: 1, site: 2, fleet: 3 };

/** Which value each name has for one device: its own, else that of its strongest group, its site, the fleet, else the policy's default. */
export function variablesInForce(assigned: readonly AssignedVariable[], defaults: Variables): ReadonlyMap<string, string> {
  const weakestFirst = assigned.toSorted((left, right) => weight[right.level] - weight[left.level] || right.rank - left.rank);
  return new Map([...Object.entries(defaults), ...weakestFirst.map(({ name, value }) => [name, value] as const)]);
}

/** The members of a profile that may hold variables. */
interface Templates {
  readonly apn: string;
  readonly username?: string | undefined;
}

export type FilledTemplates =
  | { readonly ok: true; readonly apn: string; readonly username: string | undefined }
  | { readonly ok: false; readonly missing: readonly string[] };

/** APN and username with the values put in. */
export function fillTemplates({ apn, username }: Templates, variables: ReadonlyMap<string, string>): FilledTemplates {
  const valueOf = (name: string) => variables.get(name);
  const [filledApn, filledUsername] = [fillTemplate(apn, valueOf), username === undefined ? null : fillTemplate(username, valueOf)];
  const missing = [filledApn, filledUsername].flatMap((filled) => (filled && !filled.ok ? filled.missing : []));
  if (!filledApn.ok || (filledUsername && !filledUsername.ok)) return { ok: false, missing };
  return { ok: true, apn: filledApn.text, username: filledUsername?.text };
}

export type FilledProfile =
  | { readonly ok: true; readonly profile: ConnectionProfile }
  | { readonly ok: false; readonly code: 'target.variable-unknown' | 'target.variable-invalid' };

/** The profile that a device gets: what was put in has to pass for an APN and a username like anything else that was typed. */
export function fillProfile(template: ProfileDocument, variables: ReadonlyMap<string, string>): FilledProfile {
  const filled = fillTemplates(template, variables);
  if (!filled.ok) return { ok: false, code: 'target.variable-unknown' };
  const { apn, username } = filled;
  const parsed = connectionProfileSchema.safeParse({ ...template, apn, ...(username === undefined ? {} : { username }) });
  return parsed.success ? { ok: true, profile: parsed.data } : { ok: false, code: 'target.variable-invalid' };
}
