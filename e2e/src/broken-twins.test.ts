import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChangingFleet } from './harness/changing-fleet.ts';
import { runHistory } from './harness/history-run.ts';
import { startWorld, type World } from './harness/world.ts';
import type { RolloutViolation } from './history/find-rollout-violations.ts';

const devices = 40;

let world: World;
let fleet: ChangingFleet;

beforeAll(async () => {
  world = await startWorld();
  fleet = await ChangingFleet.raise(world, { count: devices, sites: 2 });
});

afterAll(async () => {
  await fleet?.stop();
  await world?.stop();
});

afterEach(() => world.query('drop function if exists sabotage cascade; drop sequence if exists sabotages'));

/** The database of a control plane that breaks a promise. @param when of the trigger; @param what it does to the row `new`, once or always */
const sabotage = (when: string, what: string) =>
  world.query(`create sequence sabotages;
    create function sabotage() returns trigger language plpgsql as $$ begin ${what} return new; end $$;
    create trigger sabotage ${when} for each row execute function sabotage()`);

const once = "nextval('sabotages') = 1";
const givenAgain = `if old.status is distinct from 'applied' and new.status = 'applied' and ${once} then
  update target set number = number + 1, held_at = null, status = null where tenant_id = new.tenant_id and device_id = new.device_id;
  insert into outbox (tenant_id, device_id, channel) values (new.tenant_id, new.device_id, 'target');
  perform pg_notify('towline_outbox', ''); end if;`;

const withoutCaps = `new.settings := jsonb_set(new.settings, '{caps}', '{"inFlight": 500}');`;

let seed = 0;
async function codesOfRollout(): Promise<string[]> {
  seed += 1;
  const { violations } = await runHistory({ fleet, apis: [world.api], harms: [], seconds: 15, seed });
  return violations.map(({ code }) => code);
}

describe('the checks of a history', () => {
  it('find nothing where nothing is wrong', async () => {
    expect(await codesOfRollout()).toEqual([]);
  }, 300_000);

  it.each<[RolloutViolation['code'], string, string, string]>([
    ['changed-twice', 'gives one target again under a new version', 'after update on target', givenAgain],
    ['site-cap-exceeded', 'forgets its caps', 'before update on rollout', withoutCaps],
    [
      'opened-while-paused',
      'says yes to a pause and goes on',
      'before update on rollout',
      "if new.state = 'paused' then new.state := 'running'; end if;",
    ],
    [
      'unrecorded',
      'leaves an act out of the audit log',
      'before insert on audit_entry',
      "if new.action = 'rollout.resume' then return null; end if;",
    ],
  ])(
    'find %s where a control plane %s',
    async (code, _, when, what) => {
      await sabotage(when, what);
      expect(await codesOfRollout()).toContain(code);
    },
    300_000,
  );

  it('find acknowledged-lost where a control plane swallows one row of a report', async () => {
    await sabotage('before insert on telemetry', `if ${once} then return null; end if;`);
    const marks = fleet.devices.map(({ light }) => ({ light, made: light.sent.length }));
    await expect.poll(() => marks.every(({ light, made }) => light.acknowledgedThrough > made), { timeout: 60_000 }).toBe(true);
    expect((await fleet.finishReports()).map(({ code }) => code)).toEqual(['acknowledged-lost']);
  });
});
