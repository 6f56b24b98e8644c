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

  it.each([
    ['name==', 7],
    ['name==a)', 8],
    ["name=='a", 7],
  ])('tells of %s where reading stopped', (source, position) => {
    expect(parseFilter(source)).toMatchObject({ ok: false, position });
  });

  it.each([
    ['nme==a', 'unknown field "nme"'],
    ['__proto__==a', 'unknown field'],
    ['signal==strong', 'signal wants a number such as -110'],
    ['online=lt=true', 'online knows == and !='],
    ['lastSeen=gt=yesterday', 'lastSeen wants a time'],
    ['tag=gt=a', 'tag knows'],
    ['name=like=a', 'unknown operator =like='],
  ])('says of %s what to do', (source, text) => {
    const compiled = compile(source);
    expect('wrong' in compiled ? compiled.wrong.join() : '').toContain(text);
  });

  it('is bounded in size and depth', () => {
    expect(parseFilter(Array.from({ length: 51 }, () => 'id==a').join(';')).ok).toBe(false);
    const nested = Array.from({ length: 10 }).reduce<string>((inner, _, level) => `(id==a${level % 2 ? ';' : ','}${inner})`, 'id==b');
    expect(parseFilter(nested).ok).toBe(false);
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

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (source) => {
        compile(source);
      }),
    );
  });
});
