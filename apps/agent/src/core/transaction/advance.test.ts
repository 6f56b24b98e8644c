import { describe, expect, it } from 'vitest';
import { advance } from './advance.ts';
import type { Standing, TransactionEvent } from './moves.ts';
import { aimOf, type Configuration, errandOf, isProof, openTransaction, type Transaction } from './transaction.ts';

function configuration(key: string): Configuration {
  const profile = { apn: key, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: false } as const;
  return { key, rule: key, profileRef: `${key}@1`, mode: 'ecm', profile };
}

const good = configuration('good');
const wanted = configuration('wanted');
const bootstrap = configuration('bootstrap');
const minutes = 60_000;
const opened = openTransaction(
  {
    id: 'tx-1',
    modem: 'm',
    iccid: '8988',
    version: { epoch: 1, number: 2 },
    digest: 'd1',
    boot: 'boot-1',
    budgetMs: 5 * minutes,
    from: good,
    fromStanding: 'confirmed',
    to: wanted,
    others: [bootstrap],
  },
  0,
);

const agrees = (reach: 'none' | 'witnessed' | 'proven'): TransactionEvent => ({ kind: 'looked', standing: { kind: 'agrees', reach } });
const underway: TransactionEvent = { kind: 'looked', standing: { kind: 'underway' } };
const refused: Standing = { kind: 'refuted', refusal: { code: 'apn.not-subscribed', evidence: ['+CME ERROR: 133'] } };
const confirm: TransactionEvent = { kind: 'confirm', transaction: 'tx-1', digest: 'd1' };

/** Lets things happen at their minutes. @returns the transaction and all effects, as words */
function play(transaction: Transaction, script: readonly [minute: number, event: TransactionEvent][]) {
  let now: Transaction | null = transaction;
  const effects: string[] = [];
  for (const [minute, event] of script) {
    if (!now) break;
    const next = advance(now, event, { nowMs: minute * minutes, draw: 0.5 });
    for (const effect of next.effects) {
      if (effect.kind === 'close') effects.push(`close ${effect.outcome} ${effect.refusal?.code ?? ''}`.trim());
      else if (effect.kind === 'journal') effects.push(`journal ${effect.transaction.phase}`);
      else effects.push(effect.kind === 'keep' ? `keep ${effect.configuration.key} ${effect.standing}` : effect.kind);
    }
    const errand = errandOf(next.transaction);
    if (errand && (errand !== errandOf(now) || now.id !== next.transaction?.id)) effects.push(errand);
    now = next.transaction;
  }
  return { now, effects };
}

describe('a change that goes well', () => {
  it('is announced, and only after the confirm becomes the known good', () => {
    const { effects } = play(opened, [
      [1, underway],
      [2, agrees('proven')],
      [3, agrees('proven')],
      [3, confirm],
    ]);
    expect(effects).toEqual(['announce', 'journal confirmed', 'keep wanted confirmed', 'close committed']);
  });

  it('takes no confirm before it has announced, none for another change, and none for another document', () => {
    const late: [number, TransactionEvent][] = [
      [1, confirm],
      [2, agrees('proven')],
      [2, { ...confirm, transaction: 'tx-0' }],
      [2, { ...confirm, digest: 'd0' }],
    ];
    expect(play(opened, late).now?.phase).toBe('announcing');
  });
});

describe('a change that is refuted', () => {
  it('goes back at once, with the reason that the modem gave', () => {
    const { now, effects } = play(opened, [
      [1, { kind: 'looked', standing: refused }],
      [2, agrees('proven')],
    ]);
    expect(now).toBeNull();
    expect(effects).toEqual(['journal reverting', 'close reverted apn.not-subscribed']);
  });

  it('goes back when nothing comes up by the deadline', () => {
    expect(play(opened, [[4.9, underway]]).now?.phase).toBe('applying');
    expect(play(opened, [[5, underway]]).now).toMatchObject({ phase: 'reverting', refusal: { code: 'transaction.deadline' } });
  });

  it('goes back after a restart of the host that nobody declared, and after the third start of the agent', () => {
    const rebooted = play(opened, [[1, { kind: 'started', boot: 'boot-2' }]]);
    expect(rebooted.now).toMatchObject({ phase: 'reverting', refusal: { code: 'transaction.rebooted' } });
    const start: TransactionEvent = { kind: 'started', boot: 'boot-1' };
    expect(
      play(opened, [
        [1, start],
        [1, start],
      ]).now?.phase,
    ).toBe('applying');
    expect(
      play(opened, [
        [1, start],
        [1, start],
        [1, start],
      ]).now,
    ).toMatchObject({ refusal: { code: 'transaction.agent-crashed' } });
  });

  it('goes on after a restart of the host that was declared', () => {
    const declared = { ...opened, rebootDeclared: true };
    expect(play(declared, [[1, { kind: 'started', boot: 'boot-2' }]]).now).toMatchObject({ phase: 'applying', deadlineMs: 6 * minutes });
  });
});

describe('a change that nobody confirms', () => {
  it('stays for as long as it takes where the control plane itself was met over the new bearer', () => {
    const hourly = Array.from({ length: 100 }, (_, hour): [number, TransactionEvent] => [hour * 60, agrees('none')]);
    const asked = play(opened, [[2, agrees('proven')], ...hourly]);
    expect(asked.now?.phase).toBe('announcing');
  });

  it('is held once where only others answered, then goes back', () => {
    const held = play(opened, [
      [2, agrees('witnessed')],
      [5, agrees('witnessed')],
      [19, agrees('witnessed')],
    ]);
    expect(held.now?.phase).toBe('announcing');
    expect(
      play(opened, [
        [2, agrees('witnessed')],
        [5, underway],
        [21, underway],
      ]).now,
    ).toMatchObject({
      phase: 'reverting',
      refusal: { code: 'transaction.unconfirmed' },
    });
  });

  it('goes back where nothing answered', () => {
    expect(
      play(opened, [
        [2, agrees('none')],
        [5, agrees('none')],
      ]).now,
    ).toMatchObject({ refusal: { code: 'transaction.no-path' } });
  });
});

describe('the way back', () => {
  const back = { ...opened, phase: 'reverting', refusal: { code: 'x', evidence: [] }, turnEndsMs: 5 * minutes } as const;

  it('tries the known good every other turn, and the others in between, for ever and ever more slowly', () => {
    let now: Transaction = back;
    const aims: string[] = [];
    const lengths: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      aims.push(aimOf(now).key);
      const { transaction } = advance(now, { kind: 'time' }, { nowMs: now.turnEndsMs, draw: 0 });
      if (!transaction) throw new TypeError('it never ends by itself');
      lengths.push((transaction.turnEndsMs - now.turnEndsMs) / minutes);
      now = transaction;
    }
    expect(aims).toEqual(['good', 'wanted', 'good', 'bootstrap', 'good', 'wanted', 'good']);
    expect(lengths).toEqual([5, 10, 10, 20, 20, 40, 40]);
  });

  it('announces the new configuration once more where it alone reaches the network', () => {
    expect(
      play(back, [
        [5, { kind: 'time' }],
        [6, agrees('proven')],
        [6, confirm],
      ]).effects,
    ).toEqual(['journal reverting', 'journal announcing', 'announce', 'journal confirmed', 'keep wanted confirmed', 'close committed']);
  });

  it('keeps what it found where only the bootstrap profile works', () => {
    const { effects } = play({ ...back, turn: 3 }, [[6, agrees('proven')]]);
    expect(effects).toEqual(['keep bootstrap assumed', 'close reverted x']);
  });

  it('tells nothing of the change where the known good, held a while longer, does not reach the control plane either', () => {
    const { effects } = play(back, [
      [1, agrees('witnessed')],
      [5, agrees('witnessed')],
      [9, agrees('witnessed')],
      [10, agrees('witnessed')],
    ]);
    expect(effects).toEqual(['prove', 'close inconclusive x']);
  });

  it('is reverted once what it came back to has met the control plane, and not before', () => {
    expect(
      play(back, [
        [1, agrees('witnessed')],
        [2, agrees('proven')],
      ]).effects,
    ).toEqual(['prove', 'close reverted x']);
  });

  it('takes no known good for good that nobody ever confirmed, before it is proven', () => {
    const assumed = { ...back, fromStanding: 'assumed' } as const;
    const lasting = [1, 5, 9, 10].map((minute): [number, TransactionEvent] => [minute, agrees('witnessed')]);
    expect(play(assumed, lasting).now).toMatchObject({ phase: 'reverting', turn: 1 });
    expect(play(assumed, [[1, agrees('proven')]]).effects).toEqual(['close reverted x']);
  });

  it('gives the turn to the next when the new configuration was announced again in vain, and never grows faster', () => {
    const { now } = play(back, [
      [5, { kind: 'time' }],
      [6, agrees('witnessed')],
      [16, agrees('witnessed')],
      [40, agrees('witnessed')],
    ]);
    expect(now).toMatchObject({ phase: 'reverting', turn: 2 });
  });
});

describe('a change with nothing behind it', () => {
  it('stays where it is while anything answers: there is nothing to go back to', () => {
    const { now, effects } = play({ ...opened, from: null, others: [] }, [
      [1, agrees('witnessed')],
      [60, agrees('witnessed')],
    ]);
    expect(now?.phase).toBe('announcing');
    expect(effects).toEqual(['announce']);
  });
});

describe('a restart of the host', () => {
  const declared: TransactionEvent = { kind: 'reboot', declared: true };

  it('that is declared is in the journal first, and counts for one restart', () => {
    const once = play(opened, [
      [1, declared],
      [2, { kind: 'started', boot: 'boot-2' }],
    ]);
    expect(once.effects).toEqual(['journal applying', 'journal applying']);
    expect(once.now).toMatchObject({ phase: 'applying', rebootDeclared: false });
    expect(once.now && play(once.now, [[3, { kind: 'started', boot: 'boot-3' }]]).now).toMatchObject({
      phase: 'reverting',
      refusal: { code: 'transaction.rebooted' },
    });
  });

  it('that was declared and never came is none', () => {
    const { now } = play(opened, [
      [1, declared],
      [2, { kind: 'started', boot: 'boot-1' }],
      [3, { kind: 'started', boot: 'boot-2' }],
    ]);
    expect(now?.phase).toBe('reverting');
  });
});

describe('a confirm', () => {
  it('counts for nothing while what was announced is down: it is announced again', () => {
    const { now, effects } = play(opened, [
      [1, agrees('proven')],
      [2, underway],
      [2, confirm],
    ]);
    expect(now?.phase).toBe('announcing');
    expect(effects).toEqual(['announce']);
  });
});

describe('what proves that a bearer reaches the control plane', () => {
  const met = (pinned: boolean, phase: 'announcing' | 'reverting') => isProof({ ...opened, phase }, { pinned });

  it('is a session that was bound to it', () => {
    expect([met(true, 'announcing'), met(true, 'reverting')]).toEqual([true, true]);
  });

  it('is, where there is nothing to bind to, no less than the confirm; on the way back, which nobody confirms, the only session there is', () => {
    expect([met(false, 'announcing'), met(false, 'reverting')]).toEqual([false, true]);
  });
});

describe('a newer target', () => {
  const successor = { id: 'tx-2', version: { epoch: 1, number: 3 }, digest: 'd2', budgetMs: 5 * minutes, from: good, others: [bootstrap] };
  const retargeted = (to: Configuration): TransactionEvent => ({ kind: 'retargeted', successor: { ...successor, to } });

  it('takes the place of a change under way, with the same known good behind it', () => {
    const { now, effects } = play(opened, [
      [2, agrees('proven')],
      [3, retargeted(bootstrap)],
    ]);
    expect(now).toMatchObject({ id: 'tx-2', phase: 'applying', from: good, to: bootstrap, deadlineMs: 8 * minutes });
    expect(effects.slice(-2)).toEqual(['journal applying', 'tell']);
  });

  it('that wants the known good again is a way back', () => {
    expect(play(opened, [[2, retargeted(good)]]).now).toMatchObject({ phase: 'reverting', refusal: { code: 'transaction.superseded' } });
  });

  it('that wants the same is announced anew under its own name', () => {
    const { effects } = play(opened, [
      [2, agrees('proven')],
      [3, retargeted(wanted)],
      [4, agrees('proven')],
      [4, confirm],
      [4, { ...confirm, transaction: 'tx-2', digest: 'd2' }],
    ]);
    expect(effects.slice(1)).toEqual(['journal applying', 'announce', 'journal confirmed', 'keep wanted confirmed', 'close committed']);
  });

  it('waits for a known good that is having its turn', () => {
    const back = play(opened, [
      [1, { kind: 'looked', standing: refused }],
      [2, retargeted(bootstrap)],
    ]);
    expect(back.now).toMatchObject({ id: 'tx-1', phase: 'reverting' });
  });
});

describe('a change to another SIM slot', () => {
  const goodAtHome: Configuration = { ...good, slot: 1 };
  const unread: Configuration = { ...configuration('SIM slot 2'), slot: 2, isSimUnread: true };
  const away: Configuration = { ...configuration('away'), slot: 2 };
  const left = { ...opened, from: goodAtHome, to: unread };
  const read = { kind: 'sim-read', iccid: '8949', to: away, known: null } as const;

  it('aims at what the target wants of the SIM there once that was read, and makes it that SIM’s known good', () => {
    const { now, effects } = play(left, [
      [1, read],
      [2, agrees('proven')],
    ]);
    expect([now && aimOf(now).key, now?.newIccid]).toEqual(['away', '8949']);
    expect(effects).toEqual(['journal applying', 'announce']);
    const committed = now ? advance(now, confirm, { nowMs: 0, draw: 0 }).effects : [];
    expect(committed).toContainEqual({ kind: 'keep', iccid: '8949', configuration: away, standing: 'confirmed' });
  });

  it('keeps what it falls back to for the SIM that it came from', () => {
    const { effects } = advance({ ...left, phase: 'reverting', turn: 3 }, agrees('proven'), { nowMs: 0, draw: 0 });
    expect(effects).toContainEqual({ kind: 'keep', iccid: '8988', configuration: bootstrap, standing: 'assumed' });
  });

  it('comes back to what was known good of the SIM there, where nothing else works, and keeps it for that SIM', () => {
    const known: Configuration = { ...configuration('earlier'), slot: 2 };
    const there = play({ ...left, others: [] }, [
      [1, { ...read, known }],
      [2, { kind: 'looked', standing: refused }],
    ]);
    const back: Transaction | null = there.now && { ...there.now, turn: 3 };
    expect(back && aimOf(back)).toEqual(known);
    const { effects } = advance(back ?? left, agrees('proven'), { nowMs: 0, draw: 0 });
    expect(effects).toContainEqual({ kind: 'keep', iccid: '8949', configuration: known, standing: 'assumed' });
    expect(there.now && advance(there.now, { kind: 'sim-changed', slot: 2 }, { nowMs: 0, draw: 0 }).transaction?.others).toEqual([]);
  });

  it('reads a stranger in that slot anew, and ends without a verdict where the stranger is in its own, but not where the slot is not told', () => {
    const stranger = (slot: 1 | 2 | null): TransactionEvent => ({ kind: 'sim-changed', slot });
    const inNewSlot = play(left, [
      [1, read],
      [2, agrees('proven')],
      [3, stranger(2)],
    ]);
    expect(inNewSlot.now).toMatchObject({ phase: 'applying', newIccid: null, to: { key: 'SIM slot 2', slot: 2, isSimUnread: true } });
    expect(play(left, [[1, stranger(1)]]).effects).toEqual(['close inconclusive transaction.sim-changed']);
    expect(play(left, [[1, stranger(null)]])).toEqual({ now: left, effects: [] });
  });

  it('goes back for a newer target that wants the slot that it came from', () => {
    const home: Configuration = { ...configuration('SIM slot 1'), slot: 1, isSimUnread: true };
    const successor = { id: 'tx-2', version: { epoch: 1, number: 3 }, digest: 'd2', budgetMs: 0, to: home, from: goodAtHome, others: [] };
    const { now } = play(left, [
      [1, read],
      [2, { kind: 'retargeted', successor }],
      [2, { kind: 'retargeted', successor }],
    ]);
    expect(now).toMatchObject({ id: 'tx-1', phase: 'reverting', refusal: { code: 'transaction.superseded' } });
  });
});

describe('another SIM', () => {
  it('ends the change without a verdict', () => {
    expect(play(opened, [[1, { kind: 'sim-changed', slot: null }]]).effects).toEqual(['close inconclusive transaction.sim-changed']);
  });
});
