import { actionSchema, roleSchema } from '@towline/protocol/http';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { authorise, type Caller, rolesFor } from './authorise.ts';

const caller = (role: Caller['role']): Caller => ({ tenant: 'main', id: '7b0cbd5c-6a3f-4f0e-9d0f-0f6a6bb8f0a1', name: 'n', role });

it('lets nobody see another tenant, whatever the role', () => {
  const any = fc.tuple(
    fc.constantFrom(...roleSchema.options),
    fc.constantFrom(...actionSchema.options),
    fc.stringMatching(/^[a-z0-9]{1,12}$/),
  );
  fc.assert(
    fc.property(any, ([role, action, tenant]) => {
      expect(authorise(caller(role), action, tenant) === 'not-found').toBe(tenant !== 'main');
    }),
  );
});

it('lets a viewer read and nothing else, and an operator manage no operators', () => {
  expect(actionSchema.options.filter((action) => authorise(caller('viewer'), action, 'main') === 'allowed')).toEqual(['fleet.read']);
  expect(authorise(caller('operator'), 'operator.write', 'main')).toBe('forbidden');
  expect(actionSchema.options.every((action) => authorise(caller('admin'), action, 'main') === 'allowed')).toBe(true);
});

it('names the least role that may, first', () => {
  expect(rolesFor('fleet.read')).toEqual(['viewer', 'operator', 'admin']);
  expect(rolesFor('rollout.drive')).toEqual(['operator', 'admin']);
  expect(rolesFor('rollout.approve')).toEqual(['admin']);
});
