import type { ModemState } from '@towline/protocol';
import { policyVersionSchema, profileVersionSchema, type VersionRef } from '@towline/protocol/http';
import { systemIds } from '../../platform/clock.ts';
import type { ApiHarness } from './api-harness.ts';

/** A modem as a device on the APN `internet` reports it. */
export const reportedModem: ModemState = {
  id: '1-1',
  model: 'ec25',
  product: 'EC25',
  imei: '860000000000001',
  firmware: 'EC25EFA',
  connection: 'verified',
  sim: { state: 'ready', iccid: '8949020000000000001', imsi: '262010000000001', homePlmn: '26201' },
  registration: { state: 'home', rat: 'lte', servingPlmn: '26201', operator: 'T', area: null, cell: null },
  signal: { rssiDbm: -70, rsrpDbm: -95, rsrqDb: -10, sinrDb: 12 },
  bearer: { requestedApn: 'internet', apn: 'internet.mnc001.mcc262.gprs', ipType: 'ipv4', dataMode: 'ecm', addresses: ['10.0.0.2'] },
  profileRef: null,
  rule: null,
  fault: null,
};

export interface NewDevice {
  readonly id: string;
  readonly tenantId?: string;
  readonly name?: string;
  readonly tags?: string[];
  readonly online?: boolean;
  readonly signalDbm?: number | null;
  readonly lastSeenAt?: Date | null;
  readonly model?: string | null;
  readonly siteId?: string;
  readonly faultCode?: string;
  readonly imei?: string;
  readonly iccid?: string;
  readonly modems?: ModemState[];
}

/** Puts a device into the database as enrolment and ingest leave it. */
export async function addDevice({ database }: ApiHarness, { modems, tenantId = 'main', ...device }: NewDevice): Promise<void> {
  await database.prisma.device.create({
    data: {
      tenantId,
      name: `gateway ${device.id}`,
      model: 'ec25',
      credentialHash: new Uint8Array(systemIds.secret(32)),
      ...device,
      ...(modems ? { reported: { uptimeS: 60, modems }, reportedAt: new Date('2026-01-01T00:00:00Z') } : {}),
    },
  });
}

const profile = { ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true };

/** A policy whose one fleet rule dials this APN. */
export async function addPolicy(api: ApiHarness, apn: string): Promise<VersionRef> {
  const made = await api.expectOk(profileVersionSchema, 'POST', '/v1/profiles', { name: `profile ${apn}`, profile: { ...profile, apn } });
  const rules = [{ name: 'everyone', level: 'fleet', profile: { id: made.id, version: made.version } }];
  const policy = await api.expectOk(policyVersionSchema, 'POST', '/v1/policies', { name: `policy ${apn}`, rules });
  return { id: policy.id, version: policy.version };
}
