import { describe, expect, it } from 'vitest';
import { noticeOf } from './notices.ts';

describe('an unsolicited line', () => {
  it.each([
    ['+CEREG: 5', 'registration'],
    ['+C5GREG: 1', 'registration'],
    ['NO CARRIER', 'bearer-down'],
    ['+CGEV: NW DEACT 1', 'bearer-down'],
    ['+CGEV: NW PDN DEACT 1', 'bearer-down'],
    ['+CGEV: ME DETACH', 'bearer-down'],
    ['+QNETDEVSTATUS: 0', 'bearer-down'],
    ['+QNETDEVSTATUS:1,0,"IPV4"', 'bearer-down'],
    ['^NDISSTAT: 0,,,"IPV4"', 'bearer-down'],
    ['+CPIN: NOT READY', 'sim-changed'],
    ['RDY', 'restarted'],
  ])('%s says %s', (line, kind) => {
    expect(noticeOf(line)?.kind).toBe(kind);
  });

  it.each(['+QNETDEVSTATUS: 1', '+QNETDEVSTATUS:1,1,"IPV4"', '+CGEV: ME PDN ACT 1', '+QIND: SMS DONE', '^RSSI: 20', ''])(
    '%j changes nothing',
    (line) => {
      expect(noticeOf(line)).toBeNull();
    },
  );
});
