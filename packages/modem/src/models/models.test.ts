import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { genericModel, matchModel, modelById, models, modelsByUsbId, usbLayout } from './models.ts';

function valueAt(root: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.entries(value).find(([name]) => name === key)?.[1];
  }, root);
}

describe('the model files', () => {
  it('are all in the generated list; run `npm run generate -w @towline/modem` when this fails', () => {
    const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.json'));
    expect(models.map((model) => `${model.id}.json`).sort()).toEqual(files.sort());
  });

  it('cover the eleven modems and the generic one, each under an id of its own', () => {
    const ids = models.map((model) => model.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining([
        'bg96',
        'ec200a',
        'ec200u',
        'ec25',
        'rm520n-gl',
        'mc7455',
        'em7455',
        'em7565',
        'sim7600',
        'le910c4',
        'me909',
        'generic-3gpp',
      ]),
    );
  });

  it.each(models)('$id: every claim of evidence names a field that exists', (model) => {
    for (const claim of model.evidence) expect(valueAt(model, claim.field), claim.field).toBeDefined();
  });

  it.each(models)('$id: every layout shows ids and data modes that the model has, and AT on an interface that takes it', (model) => {
    const ids = model.usb.ids.map((id) => id.vidPid);
    const modes = model.dataModes.modes.map((mode) => mode.mode);
    for (const layout of model.usb.layouts) {
      expect(ids).toEqual(expect.arrayContaining(layout.vidPids));
      expect(modes).toEqual(expect.arrayContaining(layout.dataModes));
      for (const number of layout.at) {
        const found = layout.interfaces.find((entry) => entry.number === number);
        expect(['at', 'modem']).toContain(found?.function);
      }
    }
  });

  it.each(models.filter((model) => model.dataModes.dialect === 'usbcomp'))(
    '$id: a modem that is switched by USBCOMP says which configuration type it takes',
    (model) => expect(model.dataModes.usbcompType).not.toBeNull(),
  );
});

describe('choosing a model', () => {
  it.each([
    ['Quectel', 'EC200A', 'Quectel\nEC200A\nRevision: EC200AEUHAR01A30M16', 'ec200a'],
    ['Quectel', '', 'EC200A', 'ec200a'],
    ['Quectel', 'BG96', '', 'bg96'],
    ['Quectel', 'EG25', '', 'ec25'],
    ['Sierra Wireless, Incorporated', 'MC7455', '', 'mc7455'],
    ['Sierra Wireless, Incorporated', 'EM7565', '', 'em7565'],
    ['SIMCOM INCORPORATED', 'SIMCOM_SIM7600E-H', '', 'sim7600'],
    ['Telit', 'LE910C4-EU', '', 'le910c4'],
    ['Huawei Technologies Co., Ltd.', 'ME909s-120', '', 'me909'],
    ['', 'RM520N-GL', '', 'rm520n-gl'],
    ['Acme', 'Rocket 3', '', 'generic-3gpp'],
    ['Acme', 'EC25', '', 'generic-3gpp'],
  ])('%s %s is the model %s', (manufacturer, product, information, id) => {
    expect(matchModel({ manufacturer, product, information }).id).toBe(id);
  });

  it('finds the two models behind a shared USB id, and a modem that waits for firmware', () => {
    expect(modelsByUsbId('1199:9071').map((found) => found.model.id)).toEqual(['em7455', 'mc7455']);
    expect(modelsByUsbId('1199:9090').map((found) => found.usbId.role)).toEqual(['boot']);
    expect(modelsByUsbId('ffff:ffff')).toEqual([]);
  });

  it('gives the layout of the data mode asked for, else the first', () => {
    const sim7600 = modelById('sim7600') ?? genericModel;
    expect(usbLayout(sim7600, '1e0e:9011', 'rndis')?.at).toEqual([4, 5]);
    expect(usbLayout(sim7600, '1e0e:9001')?.ppp).toBe(3);
    expect(usbLayout(genericModel, '1e0e:9001')).toBeUndefined();
  });
});
