import { filterFields } from './filter-fields.ts';

/** For the documentation of lists. */
export const filterHelp = [
  'filter is RSQL: `;` is and, `,` is or, parentheses group. Operators: `==` `!=` `=lt=` `=le=` `=gt=` `=ge=` `=in=` `=out=`.',
  'A `*` in the value of `==` stands for anything and then letters count without their case: `name==*pump*`.',
  `Fields: ${Object.keys(filterFields).join(', ')}.`,
  'Sites, groups and policies are named by name; times are RFC 3339, signal is in dBm; zone is the time zone that counts for the device. What is unknown differs from every value.',
  'sort: `signal` is worst first, a minus turns the order round, and devices without a value come last.',
].join(' ');
