import { problemSchema, type Rollout, rolloutApprovalSchema, rolloutSchema, type VersionRef } from '@towline/protocol/http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../../api/testing/api-harness.ts';
import { addPolicy, reportedModem } from '../../api/testing/fleet.ts';
import { DryRunService } from '../../dry-run/dry-run.service.ts';
import { systemIds } from '../../platform/clock.ts';
import { SelectionRepository } from '../../targeting/selection.repository.ts';
import { RolloutActsService } from '../rollout-acts.service.ts';
import { RolloutPlanner } from '../rollout-planner.ts';
import { RolloutsService } from '../rollouts.service.ts';

let api: ApiHarness;
let policy: VersionRef;
let maker = '';
let editor = '';
/** Three on one APN: two have no other way out, one has a wire as well. */
const devices = ['bare000001', 'bare000002', 'wd00000001'];

beforeAll(async () => {
  api = await createApiHarness();
  policy = await addPolicy(api, 'fleet.north');
  [maker, editor] = [await api.tokenFor('main', 'operator'), await api.tokenFor('main', 'admin')];
  await api.database.prisma.device.createMany({
    data: devices.map((id) => ({
      tenantId: 'main',
      id,
      name: id,
      tags: [],
      online: true,
      reported: { uptimeS: 60, uplinks: id.startsWith('wd') ? ['eth0'] : [], modems: [reportedModem] },
      reportedAt: new Date(),
    })),
  });
});
afterAll(() => api.close());

const setBounds = (bounds: object) => api.expectOk(rolloutApprovalSchema, 'PATCH', '/v1/rollouts/approval', bounds);
/** Nothing that anybody did alone counts any more. */
async function aDayLater(): Promise<void> {
  await api.database.pool.query(`update assigned_alone set at = at - interval '1 day'`);
  await api.database.pool.query(`update rollout set submitted_at = submitted_at - interval '1 day'`);
}
const act = (id: string, name: string, token: string) => api.call('POST', `/v1/rollouts/${id}/${name}`, {}, token);

async function submitted(change: object = {}): Promise<Rollout> {
  const draft = { name: 'north', policy, selection: { devices }, ...change };
  const { id } = rolloutSchema.parse((await api.call('POST', '/v1/rollouts', draft, maker)).body);
  await act(id, 'plan', maker);
  return rolloutSchema.parse((await act(id, 'submit', maker)).body);
}

describe('an assignment', () => {
  const assign = (ids: readonly string[]) => api.call('POST', '/v1/assignments', { policy, devices: ids }, maker);
  const assigned = () => api.database.prisma.target.count();

  it('is refused whole for more devices than one person may roll out to alone', async () => {
    await setBounds({ above: 2, risks: {} });
    const refused = problemSchema.parse((await assign(devices)).body);
    expect(refused).toMatchObject({ status: 403, code: 'rollout.second-person' });
    expect(refused.detail).toBe(
      'in 24 hours one person may change alone at most 2 devices, and with these it would be 3. Make it a rollout, which somebody else approves',
    );
    expect(await assigned()).toBe(0);
  });

  it('is refused for more devices at a risk than one person may roll out to alone', async () => {
    await setBounds({ above: null, risks: { 'lifeline.none': 1 } });
    const refused = problemSchema.parse((await assign(devices)).body);
    expect(refused).toMatchObject({ status: 403, code: 'rollout.second-person' });
    expect(refused.detail).toContain('1 device with the risk lifeline.none, and with these it would be 2.');
    expect(await assigned()).toBe(0);
  });

  it('goes through within the bounds, each device counted once', async () => {
    await setBounds({ above: 2, risks: { 'lifeline.none': 1 } });
    expect((await assign(['bare000001', 'wd00000001', 'wd00000001'])).body).toMatchObject({ assigned: 2 });
  });

  it('counts with those of the last 24 hours, the same device once, whatever was said of it meanwhile', async () => {
    expect((await assign(['bare000001', 'wd00000001'])).body).toMatchObject({ unchanged: 2 });
    const refused = problemSchema.parse((await assign(['bare000002'])).body);
    expect(refused.detail).toContain(
      '2 devices, and with these it would be 3; 1 device with the risk lifeline.none, and with these it would be 2.',
    );
    expect(await assigned()).toBe(2);
    const others = { policy, devices: ['bare000002'] };
    expect((await api.call('POST', '/v1/assignments', others, editor)).body).toMatchObject({ assigned: 1 });
  });

  it('counts with rollouts that nobody else approved, as they count with it', async () => {
    await setBounds({ above: 2, risks: {} });
    expect(await submitted()).toMatchObject({ approvalCauses: ['size'] });
    const small = { selection: { devices: ['bare000002'] } };
    expect(await submitted(small)).toMatchObject({ state: 'awaiting-approval', approvalCauses: ['size'] });
    await aDayLater();
    const begun = await submitted(small);
    expect(begun).toMatchObject({ state: 'scheduled', approvalCauses: [] });
    expect((await assign(['bare000001', 'wd00000001'])).status).toBe(403);
    expect((await act(begun.id, 'abort', maker)).status).toBe(200);
    expect((await assign(['bare000001', 'wd00000001'])).status).toBe(200);
    const [entry] = await api.database.prisma.auditEntry.findMany({
      where: { action: 'rollout.submit', details: { path: ['to'], equals: 'awaiting-approval' } },
      orderBy: { id: 'desc' },
    });
    expect(entry?.details).toMatchObject({ excesses: [{ cause: 'size', devices: 3, bound: 2 }] });
    await api.database.prisma.target.deleteMany();
  });

  it('counts alone with what is asked for in the same moment', async () => {
    await aDayLater();
    const answers = await Promise.all(devices.map((device) => assign([device])));
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(1);
    await api.database.prisma.target.deleteMany();
  });
});

describe('a rollout that one person may not begin alone', () => {
  beforeEach(aDayLater);

  it('has more devices that could be locked out than the tenant lets one person touch, and says so to whoever approves', async () => {
    await setBounds({ above: null, risks: { 'lifeline.none': 1 } });
    const rollout = await submitted();
    expect(rollout).toMatchObject({ state: 'awaiting-approval', approvalCauses: ['lifeline.none'] });
    expect(rollout.risks).toEqual(expect.arrayContaining([{ value: 'lifeline.none', count: 2 }]));
    expect((await act(rollout.id, 'approve', api.token)).body).toMatchObject({ state: 'scheduled' });
  });

  it('is none within the bound, however many other risks there are', async () => {
    await setBounds({ above: null, risks: { 'lifeline.none': 2 } });
    expect(await submitted()).toMatchObject({ state: 'scheduled', approvalCauses: [] });
  });

  it('is not looked at for risks where no bound asks for them, nor where it is an order', async () => {
    await setBounds({ risks: {} });
    expect(await submitted()).toMatchObject({ state: 'scheduled', risks: null });
    await setBounds({ risks: { 'lifeline.none': 0 } });
    expect(await submitted({ policy: undefined, order: { kind: 'refresh' } })).toMatchObject({ state: 'scheduled', risks: null });
  });

  it('counts what it may take in later', async () => {
    await setBounds({ above: 4, risks: {} });
    const selection = { filter: 'id==bare*,id==wd*', dynamic: { growthLimit: 2 } };
    expect(await submitted({ selection })).toMatchObject({ state: 'awaiting-approval', approvalCauses: ['size'], devices: 3 });
  });

  it('is planned again where a bound asks for risks that nobody looked for', async () => {
    await setBounds({ above: null, risks: {} });
    const draft = { name: 'before', policy, selection: { devices } };
    const { id } = rolloutSchema.parse((await api.call('POST', '/v1/rollouts', draft, maker)).body);
    await act(id, 'plan', maker);
    await setBounds({ risks: { 'lifeline.none': 1 } });
    expect(problemSchema.parse((await act(id, 'submit', maker)).body)).toMatchObject({ status: 409, code: 'rollout.wrong-state' });
    await act(id, 'plan', maker);
    expect((await act(id, 'submit', maker)).body).toMatchObject({ state: 'awaiting-approval', approvalCauses: ['lifeline.none'] });
  });

  it('stands in nobody’s way while its risks are looked for, and is not planned with those of what it was before', async () => {
    await setBounds({ risks: { 'lifeline.none': 1 } });
    const draft = { name: 'edited', policy, selection: { devices } };
    const { id } = rolloutSchema.parse((await api.call('POST', '/v1/rollouts', draft, maker)).body);
    const real = api.app.get(DryRunService, { strict: false });
    const edited = {
      async *run(...asked: Parameters<DryRunService['run']>) {
        await api.expectOk(rolloutSchema, 'PATCH', `/v1/rollouts/${id}`, { selection: { devices: devices.slice(0, 1) } });
        yield* real.run(...asked);
      },
    };
    const planner = new RolloutPlanner(api.database, new SelectionRepository(api.database), edited);
    const acts = new RolloutActsService(api.app.get(RolloutsService, { strict: false }), planner, api.database, systemIds);
    const caller = { tenant: 'main', id: systemIds.uuid(), name: 'maker', role: 'operator' } as const;
    await expect(acts.plan(caller, id, {})).rejects.toMatchObject({ code: 'rollout.changed' });
    expect(rolloutSchema.parse((await api.call('GET', `/v1/rollouts/${id}`)).body)).toMatchObject({ state: 'draft', risks: null });
  });

  it('is none the less when the bounds are loosened after it was drafted, submitted or sent back', async () => {
    await setBounds({ above: 2, risks: {} });
    const draft = { name: 'loosened', policy, selection: { devices } };
    const { id } = rolloutSchema.parse((await api.call('POST', '/v1/rollouts', draft, editor)).body);
    await setBounds({ above: null });
    for (const name of ['plan', 'submit']) await act(id, name, editor);
    const waiting = { state: 'awaiting-approval', approvalCauses: ['size'] };
    expect((await api.call('GET', `/v1/rollouts/${id}`)).body).toMatchObject(waiting);
    expect((await act(id, 'approve', editor)).status).toBe(403);
    for (const name of ['reject', 'plan']) await act(id, name, editor);
    expect((await act(id, 'submit', editor)).body).toMatchObject(waiting);
    expect(await submitted()).toMatchObject({ state: 'scheduled', approvalCauses: [] });
  });

  it('is approved by none of those who had a hand in it', async () => {
    await setBounds({ above: 0 });
    const draft = { name: 'ours', policy, selection: { devices: devices.slice(0, 1) } };
    const { id } = rolloutSchema.parse((await api.call('POST', '/v1/rollouts', draft, maker)).body);
    await api.call('PATCH', `/v1/rollouts/${id}`, { selection: { devices } }, editor);
    for (const name of ['plan', 'submit']) await act(id, name, maker);
    const refused = await act(id, 'approve', editor);
    expect(problemSchema.parse(refused.body)).toMatchObject({ status: 403, code: 'rollout.second-person' });
    expect((await act(id, 'approve', api.token)).status).toBe(200);
  });

  it('keeps its bounds apart: what is not given stays', async () => {
    await setBounds({ above: 7, risks: { 'mode.unavailable': 0 } });
    expect(await setBounds({ risks: { 'agent.old': 3 } })).toEqual({ above: 7, risks: { 'agent.old': 3 } });
    expect(await setBounds({ above: null })).toEqual({ above: null, risks: { 'agent.old': 3 } });
    expect((await api.call('PATCH', '/v1/rollouts/approval', { risks: { unheard: 1 } })).status).toBe(422);
    expect((await api.call('PATCH', '/v1/rollouts/approval', { above: 1 }, maker)).status).toBe(403);
  });
});
