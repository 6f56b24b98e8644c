import * as z from 'zod';

/** `rules[0].profile` */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (whole, key) => (typeof key === 'number' ? `${whole}[${key}]` : whole === '' ? String(key) : `${whole}.${String(key)}`),
    '',
  );
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};
const kind = (name: string): string => kinds[name] ?? name;

const formats: Readonly<Record<string, string>> = {
  uuid: 'a UUID, such as 3d6f0a52-8c1e-4b7a-9f43-5e2d1c0b9a87',
  datetime: 'a date and time, such as 2027-01-31T08:00:00Z',
  url: 'a URL, such as https://example.net/path',
  email: 'an e-mail address',
};

type Issue = z.core.$ZodRawIssue;
type Bound = Extract<Issue, { code: 'too_small' | 'too_big' }>;

function amount(origin: string, count: number | bigint): string {
  const one = Number(count) === 1;
  if (origin === 'string') return `${count} ${one ? 'character' : 'characters'}`;
  return `${count} ${one ? 'entry' : 'entries'}`;
}

function boundInWords(issue: Bound): string {
  const { origin, inclusive, exact } = issue;
  const isNumber = origin === 'number' || origin === 'int' || origin === 'bigint';
  const least = issue.code === 'too_small';
  const bound = least ? issue.minimum : issue.maximum;
  if (isNumber) return `must be ${least ? (inclusive ? 'at least' : 'more than') : inclusive ? 'at most' : 'less than'} ${bound}`;
  if (least && Number(bound) === 1) return 'must not be empty';
  return `must have ${exact ? 'exactly' : least ? 'at least' : 'at most'} ${amount(origin, bound)}`;
}

function choiceInWords(values: readonly unknown[]): string {
  const [first, ...others] = values.map((value) => JSON.stringify(value));
  return others.length === 0 ? `must be ${first}` : `must be one of ${[first, ...others].join(', ')}`;
}

/** Of alternatives those that it comes closest to: what the fewest things are wrong with. */
function alternativesInWords(alternatives: readonly (readonly z.core.$ZodIssue[])[]): string {
  const fewest = Math.min(...alternatives.map((issues) => issues.length));
  const closest = alternatives.filter((issues) => issues.length === fewest);
  const texts = closest.map((issues) => issues.map(({ path, message }) => `${fieldPath(path)} ${message}`.trim()).join(' and '));
  return [...new Set(texts)].join(', or ');
}

/** Says what a value must be, in words that follow the name of its field; for schemas that have none of their own. What it was is never told, but for its kind. */
export const inWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `is missing: give ${kind(issue.expected)}`;
      // What a query or a setting has in its place, if anything, is text.
      if (Number.isNaN(issue.input)) return 'must be a number, given in digits';
      if (issue.expected === 'int' && typeof issue.input === 'number') return 'must be a whole number';
      return `must be ${kind(issue.expected)}, and is ${kind(z.core.util.parsedType(issue.input))}`;
    case 'too_small':
    case 'too_big':
      return boundInWords(issue);
    case 'invalid_format':
      return `must be ${formats[issue.format] ?? `of the form ${issue.pattern ?? issue.format}`}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return issue.input === undefined ? `is missing: it ${choiceInWords(issue.values)}` : choiceInWords(issue.values);
    case 'unrecognized_keys':
      return `has no field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_union':
      return Array.isArray(issue.options) ? choiceInWords(issue.options) : alternativesInWords(issue.errors);
    case 'invalid_key':
    case 'invalid_element':
      return `has a name that ${issue.issues.map(({ message }) => message).join(' and ')}`;
    default:
      return undefined;
  }
};
