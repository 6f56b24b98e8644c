import { manualClock, silentLog } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import type { AtSession } from '../at/at-session.ts';
import { modelById } from '../models/models.ts';
import { readBands, writeBands } from './bands.ts';
import { createModemLink } from './modem-link.ts';

const question = 'AT+QCFG="band"';

/** An EC25 whose second mask is this, and whatever is written. */
function ec25With(lteMask: string) {
  const heard: string[] = [];
  let mask = lteMask;
  const session: AtSession = {
    async run({ text }) {
      heard.push(text);
      mask = /"band",0,(\w+),0,1$/.exec(text)?.[1] ?? mask;
      return { lines: text === question ? [`+QCFG: "band",0x93,0x${mask},0x0`] : [], result: { kind: 'ok' } };
    },
    escape: async () => ({ lines: [], result: { kind: 'ok' } }),
    onLine: () => () => {},
    onClose: () => () => {},
    close: async () => {},
  };
  const model = modelById('ec25');
  if (!model) throw new Error('ec25');
  return { heard, link: createModemLink({ session, model, clock: manualClock(), log: silentLog }) };
}

/** Bands 3, 7 and 20, and one that the model does not list (64). */
const strange = '8000000000080044';

describe('bands', () => {
  it('that the model does not list are not told, and stay as they are when others are written', async () => {
    const { link, heard } = ec25With(strange);
    expect(await readBands(link)).toEqual({ ok: true, value: { lte: [3, 7, 20] } });
    expect(await writeBands(link, { lte: [3, 8] })).toEqual({ ok: true, value: { written: true } });
    expect(heard).toEqual([question, question, 'AT+QCFG="band",0,8000000000000084,0,1', question]);
  });

  it('are not written where they are as wanted', async () => {
    const { link, heard } = ec25With(strange);
    expect(await writeBands(link, { lte: [20, 3, 7] })).toEqual({ ok: true, value: { written: false } });
    expect(heard).toEqual([question]);
  });

  it('are none where the modem uses none that its model lists', async () => {
    expect(await readBands(ec25With('8000000000000000').link)).toEqual({ ok: true, value: null });
  });

  it('that the model does not have reach no modem', async () => {
    const { link, heard } = ec25With(strange);
    expect(await writeBands(link, { lte: [3, 71], nr: [78] })).toMatchObject({
      ok: false,
      failure: { code: 'value.refused', evidence: ['ec25 cannot be kept to lte 71, nr 78'] },
    });
    expect(heard).toEqual([]);
  });
});
