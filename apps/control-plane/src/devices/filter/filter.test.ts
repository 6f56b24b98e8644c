import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderSql } from '../../platform/sql.ts';
import { compileFilter } from './compile-filter.ts';
import { filterFields } from './filter-fields.ts';
import { parseFilter } from './parse-filter.ts';

function compile(source: string) {
  const parsed = parseFilter(source);
  if (!parsed.ok) return { wrong: [parsed.message] };
  const compiled = compileFilter(parsed.filter);
  return compiled.ok ? renderSql(compiled.condition) : { wrong: compiled.messages };
}

const tagExists = (condition: string) =>
  `exists (select 1 from device_tag w where w.tenant_id = d.tenant_id and w.device_id = d.id and ${condition})`;
const nameExists = (condition: string) =>
  `exists (select 1 from device_name n where n.tenant_id = d.tenant_id and n.device_id = d.id and ${condition})`;

describe('an RSQL filter', () => {
  it('becomes a condition with parameters', () => {
    expect(compile('tag==roof;signal=lt=-110')).toEqual({
      text: `(${tagExists('(w.tag = $1)')}) and (d.signal_dbm < $2::real)`,
      values: ['roof', -110],
    });
  });

  it('takes a star as anything and nothing else as special', () => {
    expect(compile('name=="*50%_x*"')).toEqual({ text: nameExists('(n.name ilike $1)'), values: [String.raw`%50\%\_x%`] });
  });

  it('looks once for a list of values, those with a star beside', () => {
    expect(compile('tag=in=(roof,attic,cell*)')).toEqual({
      text: tagExists('(w.tag = any($1::text[]) or w.tag ilike $2)'),
      values: [['roof', 'attic'], 'cell%'],
    });
    expect(compile('model=out=(ec25,bg96)')).toEqual({ text: '((d.model = any($1::text[]))) is not true', values: [['ec25', 'bg96']] });
  });

  it('lets the unknown differ from every value', () => {
    expect(compile('model!=bg96')).toEqual({ text: '((d.model = $1)) is not true', values: ['bg96'] });
  });

  const comparison = 'a comparison is a field, an operator and a value, such as site==north';
  const between = 'between two stands ; for and, or , for or; a value of other signs is quoted';
  it.each([
    [' ', 2, 'there is nothing in it: leave it out, or compare something, as in site==north'],
    ['name==', 7, `more has to follow: ${comparison}`],
    ['name==a;', 9, `more has to follow: ${comparison}`],
    ['name=in=(a', 11, `more has to follow: ${comparison}`],
    ['tag==a;(name==a', 16, 'a parenthesis is not closed: write ) where its part ends'],
    ["name=='a", 7, "this quote is not closed: write ' where the value ends"],
    ['name=="in "x".', 13, 'this quote is not closed: write " where the value ends'],
    ['name==a)', 8, `")" cannot stand here: ${comparison}; ${between}`],
    ['name==a name==b', 9, `"name" cannot stand here: ${comparison}; ${between}`],
    ['name=a', 5, `"=" cannot stand here: ${comparison}; ${between}`],
    [`"' at position 9"==a`, 1, String.raw`"\"' at position 9\"" cannot stand here: ${comparison}; ${between}`],
  ])('says of %j at which character it is wrong, and what to write', (source, position, message) => {
    expect(parseFilter(source)).toEqual({ ok: false, position, message });
  });

  it.each([
    ['nme==a', 'unknown field "nme"'],
    ['__proto__==a', 'unknown field'],
    ['signal==strong', 'signal wants a number such as -110'],
    ['online=lt=true', 'online knows == and !='],
    ['lastSeen=gt=yesterday', 'lastSeen wants a time'],
    ['tag=gt=a', 'tag knows'],
    ['signal=lt=(-110,-90)', 'signal is less or more than one value, not than 2'],
    ['name=like=a', 'unknown operator =like='],
  ])('says of %s what to do', (source, text) => {
    const compiled = compile(source);
    expect('wrong' in compiled ? compiled.wrong.join() : '').toContain(text);
  });

  it('is bounded in size and depth', () => {
    const wide = Array.from({ length: 51 }, () => 'id==a').join(';');
    expect(parseFilter(wide)).toMatchObject({
      position: null,
      message: expect.stringMatching(/^it has 51 comparisons, and may have 50: /),
    });
    const nested = Array.from({ length: 10 }).reduce<string>((inner, _, level) => `(id==a${level % 2 ? ';' : ','}${inner})`, 'id==b');
    expect(parseFilter(nested)).toMatchObject({
      position: null,
      message: 'it has 10 levels of parentheses, and may have 8: write it flatter',
    });
  });

  it('never puts a value into the text of the SQL', () => {
    const marker = fc.string({ minLength: 1 }).map((text) => `Zq7${text}`);
    const field = fc.constantFrom(...Object.keys(filterFields));
    const operator = fc.constantFrom('==', '!=', '=lt=', '=ge=', '=in=', '=out=');
    const quoted = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`)}"`;
    fc.assert(
      fc.property(field, operator, marker, (name, sign, value) => {
        const source = sign === '=in=' || sign === '=out=' ? `${name}${sign}(${quoted(value)})` : `${name}${sign}${quoted(value)}`;
        const compiled = compile(source);
        if ('text' in compiled) expect(compiled.text).not.toContain('Zq7');
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, whatever is typed, nor answers in the words of the parser', () => {
    const piece = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('name', '==', '=in=', '(', ')', ';', ',', ' and ', "'", '"', 'a'));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const compiled = compile(pieces.join(''));
        if ('wrong' in compiled) expect(compiled.wrong.join()).not.toMatch(/^(Unexpected|Unclosed|The argument)/);
      }),
      { numRuns: 1000 },
    );
  });
});
