import { describe, expect, it } from 'vitest';
import { givenUpAt, mayTryAgain, noKeepsakes } from './keepsakes.ts';
import { type Configuration, changeRefusal, openTransaction } from './transaction.ts';
import { type Ending, keptOf, verdictOf } from './verdict.ts';

function configuration(key: string): Configuration {
  const profile = { apn: key, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: false } as const;
  return { key, rule: key, profileRef: `${key}@1`, mode: 'ecm', profile };
}

const names = { id: 'tx-1', modem: 'm1', iccid: '8988', version: { epoch: 1, number: 2 }, digest: 'd', boot: 'boot-1', budgetMs: 300_000 };
const change = openTransaction(
  { ...names, from: configuration('good'), fromStanding: 'confirmed', to: configuration('better'), others: [] },
  0,
);
const unconfirmed: Ending = { outcome: 'reverted', refusal: changeRefusal('transaction.unconfirmed') };
const refused: Ending = { outcome: 'reverted', refusal: { code: 'apn.not-subscribed', evidence: [] } };

const given = (ending: Ending, before = noKeepsakes) => {
  const kept = keptOf(before, change, { ...ending, outcome: verdictOf(before, change, ending) }) ?? before;
  return { kept, found: givenUpAt(kept, change, { key: 'better', version: change.version }) };
};

describe('the end of a change', () => {
  it('that was only unconfirmed is no verdict the first time, and one the second time', () => {
    expect(verdictOf(noKeepsakes, change, unconfirmed)).toBe('inconclusive');
    expect(verdictOf(given(unconfirmed).kept, change, unconfirmed)).toBe('reverted');
  });

  it('without a verdict leaves it to be tried again, with one it does not', () => {
    const { kept, found } = given(unconfirmed);
    expect(found && mayTryAgain(found)).toBe(true);
    expect(given(unconfirmed, kept).found).toMatchObject({ tries: 2, inconclusive: false });
    expect(given(refused).found).toMatchObject({ tries: 1, inconclusive: false });
  });

  it('that was refused stands whoever was away', () => {
    expect(given({ ...refused, outcome: 'inconclusive' }).found).toMatchObject({ inconclusive: false });
  });

  it.each<Ending>([
    { outcome: 'committed', refusal: null },
    { outcome: 'inconclusive', refusal: changeRefusal('transaction.sim-changed') },
  ])('gives nothing up: $outcome', (ending) => {
    expect(keptOf(noKeepsakes, change, ending)).toBeNull();
  });
});
