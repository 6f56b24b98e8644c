import { type Action, type Role, roleSchema } from '@towline/protocol/http';

/** Who makes a request, as the bearer token says. */
export interface Caller {
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

const viewer: readonly Action[] = ['fleet.read'];
const operator: readonly Action[] = [...viewer, 'fleet.write', 'policy.write', 'target.assign', 'rollout.drive', 'job.order', 'audit.read'];
const admin: readonly Action[] = [...operator, 'rollout.approve', 'hold.override', 'operator.write', 'webhook.write', 'job.allow'];

/** What each role may do. */
export const actionsOfRole: Readonly<Record<Role, readonly Action[]>> = { viewer, operator, admin };

/** Who may do this, from the least that may. */
export const rolesFor = (action: Action): Role[] => roleSchema.options.filter((role) => actionsOfRole[role].includes(action));

/** `not-found`: it lies in another tenant, which must look like nothing at all. */
export type Authorisation = 'allowed' | 'forbidden' | 'not-found';

/** Whether this person may do this to something of this tenant. */
export function authorise(caller: Caller, action: Action, tenant: string): Authorisation {
  if (tenant !== caller.tenant) return 'not-found';
  return actionsOfRole[caller.role].includes(action) ? 'allowed' : 'forbidden';
}
