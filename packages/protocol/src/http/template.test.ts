import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTemplate, templateNames } from './template.ts';

const fill = (template: string, values: Record<string, string> = {}) =>
  fillTemplate(template, (name) => (Object.hasOwn(values, name) ? values[name] : undefined));

describe('a template', () => {
  it.each([
    ['fleet.${site}', { site: 'north' }, 'fleet.north'],
    ['${a}${b}', { a: '1', b: '2' }, '12'],
    ['costs $5', {}, 'costs $5'],
    ['$${site}', { site: 'north' }, '${site}'],
    ['$$${site}', { site: 'north' }, '$${site}'],
    ['${a}', { a: '${b}', b: 'no' }, '${b}'],
  ])('%s with %j is %s', (template, values, text) => {
    expect(fill(template, values)).toEqual({ ok: true, text });
  });

  it('names what has no value', () => {
    expect(fill('${a}.${b}.${a}', { b: 'x' })).toEqual({ ok: false, missing: ['a'] });
    expect(fill('${constructor}')).toEqual({ ok: false, missing: ['constructor'] });
  });

  it.each(['${', '${}', '${9a}', '${a b}', '${A}', 'x${a'])('cannot be read as %s', (template) => {
    expect(templateNames(template)).toBeNull();
    expect(fill(template, { a: 'x' }).ok).toBe(false);
  });

  it('puts any value in as it is, once', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, tail) => {
        const safe = tail.replaceAll('$', '');
        expect(fill(`\${v}${safe}`, { v: value })).toEqual({ ok: true, text: `${value}${safe}` });
      }),
    );
  });

  it('never throws, and reads every text without a dollar as itself', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fill(text);
        const plain = text.replaceAll('$', '');
        expect(fill(plain)).toEqual({ ok: true, text: plain });
      }),
    );
  });
});
