import type { Random } from '@towline/kit';
import type { Device } from '@towline/protocol/http';
import { batches, customers, kinds, towns } from './fleet-rows.ts';

/** What a list is asked for, and how one tells that the answer fits. */
export interface DeviceList {
  readonly filter?: string;
  readonly sort?: string;
  readonly fits: (device: Device) => boolean;
}

/** A kind of list that operators ask for; each draw asks for other values. */
export interface ListKind {
  readonly name: 'none' | 'tag' | 'name' | 'lastSeen' | 'signal';
  readonly draw: (random: Random, nowMs: number) => DeviceList;
}

const below = (random: Random, bound: number) => Math.floor(random.next() * bound);
const pick = (random: Random, from: readonly string[]) => from[below(random, from.length)] ?? '';
const anything = () => true;

function drawTag(random: Random): string {
  const draw = random.next();
  if (draw < 0.2) return pick(random, kinds);
  if (draw < 0.5) return `batch-${below(random, batches)}`;
  if (draw < 0.9) return `customer-${Math.floor(customers ** random.next())}`;
  return draw < 0.95 ? 'suspect' : 'never-given';
}

/** Parts of names as people type them: a town, a kind and a town, digits of a number, a whole name, and what no name has. */
function drawNamePart(random: Random): string {
  const number = String(below(random, 1_000_000)).padStart(6, '0');
  const parts = [
    pick(random, towns),
    `${pick(random, kinds)}-${pick(random, towns)}`,
    number.slice(below(random, 3)),
    `${pick(random, towns)}-${number.slice(0, 3)}`,
    `${pick(random, kinds)}-${pick(random, towns)}-${number}`,
    'nowhere',
  ];
  return pick(random, parts);
}

const minuteMs = 60_000;
/** Silent for longer than a quarter of an hour, up to a quarter of a year. */
const silencesMin = [15, 60, 360, 1440, 7 * 1440, 30 * 1440, 90 * 1440];

function drawLastSeen(random: Random, nowMs: number): DeviceList {
  const silent = random.next() < 0.6;
  const minutes = silent ? (silencesMin[below(random, silencesMin.length)] ?? 15) : 60 * random.next();
  const time = new Date(nowMs - minuteMs * minutes * (0.8 + 0.4 * random.next())).toISOString();
  const sort = pick(random, ['id', 'lastSeen', '-lastSeen']);
  const fits = ({ lastSeen }: Device) => lastSeen !== null && (silent ? lastSeen < time : lastSeen > time);
  return { filter: `lastSeen=${silent ? 'lt' : 'gt'}=${time}`, sort, fits };
}

export const listKinds: readonly ListKind[] = [
  { name: 'none', draw: (random) => ({ sort: pick(random, ['id', '-id']), fits: anything }) },
  {
    name: 'tag',
    draw(random) {
      const tag = drawTag(random);
      return { filter: `tag==${tag}`, fits: ({ tags }) => tags.includes(tag) };
    },
  },
  {
    name: 'name',
    draw(random) {
      const part = drawNamePart(random);
      return { filter: `name==*${part}*`, fits: ({ name }) => name.includes(part) };
    },
  },
  { name: 'lastSeen', draw: drawLastSeen },
  { name: 'signal', draw: (random) => ({ sort: pick(random, ['signal', '-signal']), fits: anything }) },
];
