import {
  assignmentSchema,
  createdClaimTokenSchema,
  type Device,
  devicePageSchema,
  policyPageSchema,
  policyVersionSchema,
  profileVersionSchema,
  sitePageSchema,
  siteSchema,
} from '@towline/protocol/http';
import type { FleetDescription } from '@towline/simulator';
import type { OperatorApi } from './operator-api.ts';

/** The policy that the fleet starts with: each carrier's own APN. */
const startPolicy = 'carrier defaults';
const claimSeconds = 3600;

/** One claim token for each site, so that gateways land where they belong. */
export async function claimTokensBySite(api: OperatorApi, names: readonly string[], uses: number): Promise<Map<string, string>> {
  const { items } = await api.get('/v1/sites?limit=500', sitePageSchema);
  const tokens = new Map<string, string>();
  for (const name of names) {
    const site = items.find((one) => one.name === name) ?? (await api.post('/v1/sites', { name }, siteSchema));
    const claim = { label: `demo ${name}`, uses, expiresInS: claimSeconds, site: site.id, tags: ['demo'] };
    const { secret } = await api.post('/v1/claim-tokens', claim, createdClaimTokenSchema);
    tokens.set(name, secret);
  }
  return tokens;
}

/** Every device of the tenant. */
export async function listDevices(api: OperatorApi): Promise<Device[]> {
  return (await api.get('/v1/devices?limit=500', devicePageSchema)).items;
}

async function startPolicyRef(api: OperatorApi, fleet: FleetDescription): Promise<{ id: string; version: number }> {
  const { items } = await api.get('/v1/policies?limit=500', policyPageSchema);
  const existing = items.find((policy) => policy.name === startPolicy);
  if (existing) return { id: existing.id, version: existing.latest };
  const rules = [];
  for (const { name, plmn, accessPoints } of fleet.operators) {
    const profile = { apn: accessPoints[0]?.name ?? '', ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true };
    const { id, version } = await api.post('/v1/profiles', { name, profile }, profileVersionSchema);
    rules.push({ name, level: 'fleet', when: { homePlmn: [plmn] }, profile: { id, version } });
  }
  const { id, version } = await api.post('/v1/policies', { name: startPolicy, rules }, policyVersionSchema);
  return { id, version };
}

/** Gives the start policy to every device that has no target yet; returns how many got one. */
export async function assignStartPolicy(api: OperatorApi, fleet: FleetDescription): Promise<number> {
  const fresh = (await listDevices(api)).filter((device) => device.target === null).map((device) => device.id);
  if (fresh.length === 0) return 0;
  const policy = await startPolicyRef(api, fleet);
  return (await api.post('/v1/assignments', { policy, devices: fresh, note: 'demo start' }, assignmentSchema)).assigned;
}
