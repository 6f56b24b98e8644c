import { ipOctets, type TcpCounters } from './tcp-counters.ts';
import type { SeenMessage } from './watched-transport.ts';

/** What a stretch of the connection was spent on. */
export type Purpose = 'telemetry' | 'state beat' | 'event' | 'other message' | 'keepalive';

export interface PurposeAccount {
  readonly octets: number;
  readonly segments: number;
  /** Messages of the device; for keepalive, pings. */
  readonly count: number;
}

export type Account = Readonly<Record<Purpose, PurposeAccount>>;

const nothing: PurposeAccount = { octets: 0, segments: 0, count: 0 };
export const emptyAccount: Account = {
  telemetry: nothing,
  'state beat': nothing,
  event: nothing,
  'other message': nothing,
  keepalive: nothing,
};

const purposes: Readonly<Record<string, Purpose>> = { telemetry: 'telemetry', state: 'state beat', event: 'event' };

/** PINGREQ is two octets of data, and nothing else that a device sends is as short (MQTT 3.1.1 clause 3.12). */
const pingOctets = 2;

function purposeOf(seen: readonly SeenMessage[]): Purpose {
  const up = seen.find(({ direction }) => direction === 'up');
  if (up) return purposes[up.channel] ?? 'other message';
  return seen.length > 0 ? 'other message' : 'keepalive';
}

/**
 * Books what passed between two readings on what the device said then; where it said nothing, on the keepalive. Exchanges are so far apart
 * that two hardly ever share a stretch.
 */
export function book(account: Account, stretch: { from: TcpCounters; to: TcpCounters; seen: readonly SeenMessage[] }): Account {
  const { from, to, seen } = stretch;
  const octets = ipOctets(to) - ipOctets(from);
  if (octets === 0) return account;
  const purpose = purposeOf(seen);
  const { [purpose]: before } = account;
  const said = seen.filter(({ direction }) => direction === 'up').length;
  const pings = Math.round((to.dataUp - from.dataUp) / pingOctets);
  const segments = to.segmentsUp + to.segmentsDown - from.segmentsUp - from.segmentsDown;
  const booked = {
    octets: before.octets + octets,
    segments: before.segments + segments,
    count: before.count + (purpose === 'keepalive' ? pings : said),
  };
  return { ...account, [purpose]: booked };
}
