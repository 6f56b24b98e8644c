import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../platform/testing/test-database.ts';
import { deviceCondition } from './device-filter.ts';
import { DeviceListRepository } from './device-list.repository.ts';

describe('a list by tag or part of a name', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.prisma.tenant.create({ data: { id: 'one', name: 'One' } });
    const names = ['pump north', 'Pump south', 'kiosk', 'pump east'];
    const data = names.map((name, index) => ({ tenantId: 'one', id: `000000000${index}`, name, tags: index === 2 ? [] : ['roof', 'wet'] }));
    await database.prisma.device.createMany({ data });
  });
  afterAll(() => database.close());

  async function walk(filter: string, sort: 'id' | '-id' | 'name'): Promise<string[]> {
    const lists = new DeviceListRepository(database);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await lists.list('one', (beyond) => deviceCondition(filter, [], beyond), {
        sort,
        limit: 1,
        ...(cursor ? { cursor } : {}),
      });
      found.push(...page.items.map(({ name }) => name));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return found;
  }

  it('goes on where its last page ended, in either direction', async () => {
    expect(await walk('tag==roof;name==*pump*', 'id')).toEqual(['pump north', 'Pump south', 'pump east']);
    expect(await walk('tag==w*', '-id')).toEqual(['pump east', 'Pump south', 'pump north']);
    expect(await walk('tag!=roof', 'id')).toEqual(['kiosk']);
    expect(await walk('name!=*pump*', '-id')).toEqual(['kiosk']);
    expect(await walk('name==kiosk,tag==roof', 'name')).toEqual(['Pump south', 'kiosk', 'pump east', 'pump north']);
  });

  it('finds a device by the whole number of its modem or card, by its own field only', async () => {
    const where = { tenantId: 'one', id: '0000000002' };
    await database.prisma.device.updateMany({ where, data: { imei: '350000000000001', imsi: '262010000000001' } });
    expect(await walk('imei==350000000000001', 'id')).toEqual(['kiosk']);
    expect(await walk('imsi=in=(350000000000001,262010000000001)', 'id')).toEqual(['kiosk']);
    expect(await walk('iccid==350000000000001', 'id')).toEqual([]);
    expect(await walk('imei==35000*', 'name')).toEqual(['kiosk']);
    expect(await walk('imei!=350000000000001', 'id')).toHaveLength(3);
    await database.prisma.device.updateMany({ where, data: { imei: '350000000000002' } });
    expect(await walk('imei==350000000000001', 'id')).toEqual([]);
    expect(await walk('imei==350000000000002', 'id')).toEqual(['kiosk']);
  });

  it('knows of a change at once', async () => {
    const where = { tenantId: 'one', id: '0000000000' };
    await database.prisma.device.updateMany({ where, data: { name: 'valve', tags: ['wet', 'new'] } });
    expect(await walk('tag==roof', 'id')).toEqual(['Pump south', 'pump east']);
    expect(await walk('tag==new,name=="*pump north*"', 'id')).toEqual(['valve']);
    await database.prisma.device.deleteMany({ where });
    expect(await database.prisma.deviceTag.count({ where: { deviceId: where.id } })).toBe(0);
    expect(await walk('name==*valve*', 'id')).toEqual([]);
  });
});
