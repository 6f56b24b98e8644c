import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureSchema } from '../../captures/capture.schema.ts';
import { addressOf, parseCgact, parseCgcontrdp, parseCgpaddr, parseQnetdevctl } from './bearer-replies.ts';
import { parseCallState, parseNdisState, parseQcrmcall } from './call-state-reply.ts';
import { parseCgauth, parseQicsgp, parseStoredContexts } from './context-replies.ts';
import { dataModeParsers } from './data-mode-replies.ts';
import { splitFields } from './fields.ts';
import { parseRadio, parseRevision, parseText } from './identity-replies.ts';
import { parseOperator } from './operator-reply.ts';
import { ratOf } from './rat-of.ts';
import { parseRegistration } from './registration-reply.ts';
import { noSignal, signalParsers } from './signal-replies.ts';
import {
  parseFileSize,
  parseGroupIdentifier,
  parseIccid,
  parseMncLength,
  parseSimState,
  parseSubscriberNumber,
  pinTriesParsers,
} from './sim-replies.ts';
import { temperatureParsers } from './temperature-replies.ts';

/** Lines that a real modem answered. */
function captured(id: string, send: string): readonly string[] {
  const file = readFileSync(new URL(`../../captures/${id}.json`, import.meta.url), 'utf8');
  const exchange = captureSchema.parse(JSON.parse(file)).exchanges.find((candidate) => candidate.send === send);
  return exchange?.receive.slice(0, -1) ?? [];
}

describe('fields', () => {
  it('split at commas outside quotes, and keep the empty ones', () => {
    expect(splitFields('1,"a,b",,"",x')).toEqual([
      { text: '1', quoted: false },
      { text: 'a,b', quoted: true },
      { text: '', quoted: false },
      { text: '', quoted: true },
      { text: 'x', quoted: false },
    ]);
  });
});

describe('registration', () => {
  it('is home in the packet domain of a BG96 on Cat-M, whose GPRS domain is not searching (capture)', () => {
    expect(parseRegistration(captured('bg96-cat-m', 'AT+CEREG?'), '+CEREG')?.state).toBe('home');
    expect(parseRegistration(captured('bg96-cat-m', 'AT+CGREG?'), '+CGREG')?.state).toBe('not-searching');
  });

  it('is denied for voice only on a data-only SIM (capture)', () => {
    expect(parseRegistration(captured('ep06-data-only-sim', 'AT+CREG?'), '+CREG')?.state).toBe('denied');
    expect(parseRegistration(captured('ep06-data-only-sim', 'AT+CEREG?'), '+CEREG')?.state).toBe('home');
  });

  it.each([
    ['+CEREG: 2,5,"1A2B","0100AB01",9', { state: 'roaming', area: '1A2B', cell: '0100AB01', accessTechnology: 9 }],
    ['+CEREG: 0,2', { state: 'searching', area: null, cell: null, accessTechnology: null }],
    ['+CEREG: 2,8', { state: 'unknown', area: null, cell: null, accessTechnology: null }],
    ['+CEREG: 5,"1A2B","0100AB01",7', null],
    ['+CEREG: 5', null],
    ['+CEREG: 2,99', null],
  ])('reads %s (composed)', (line, expected) => {
    expect(parseRegistration([line], '+CEREG')).toEqual(expected);
  });

  it('is not taken from an unsolicited line in between (composed)', () => {
    expect(parseRegistration(['+CEREG: 5,"1A2B"', '+CEREG: 2,1'], '+CEREG')?.state).toBe('home');
  });
});

describe('the operator', () => {
  it('is told in digits with its technology, which BG96 numbers in its own way (capture)', () => {
    const operator = parseOperator(captured('bg96-cat-m', 'AT+COPS?'));
    expect(operator).toEqual({ plmn: '310410', name: null, format: 2, accessTechnology: 8 });
    expect(ratOf(8, true)).toBe('lte-m');
    expect(ratOf(8, false)).toBe('gsm');
  });

  it.each([
    ['+COPS: 0,0,"Polder Mobile",7', { plmn: null, name: 'Polder Mobile', format: 0, accessTechnology: 7 }],
    ['+COPS: 0', { plmn: null, name: null, format: null, accessTechnology: null }],
    ['+COPS: bad', null],
  ])('reads %s (composed)', (line, expected) => {
    expect(parseOperator([line])).toEqual(expected);
  });

  it.each([
    [11, 'nr-sa'],
    [12, 'nr-sa'],
    [13, 'nr-nsa'],
    [99, null],
  ])('technology %i is %s', (number, rat) => {
    expect(ratOf(number, false)).toBe(rat);
  });
});

describe('signal', () => {
  it('of a BG96 on Cat-M (capture)', () => {
    expect(signalParsers.qcsq(captured('bg96-cat-m', 'AT+QCSQ'))).toEqual({ rssiDbm: -62, rsrpDbm: -101, sinrDb: -5.8, rsrqDb: -20 });
  });

  it('of an EM7455, from its main antenna (capture)', () => {
    expect(signalParsers.gstatus(captured('em7455-lte', 'AT!GSTATUS?'))).toEqual({ rssiDbm: -48, rsrpDbm: -78, rsrqDb: -9.2, sinrDb: 14 });
  });

  it.each([
    ['csq', '+CSQ: 20,99', { ...noSignal, rssiDbm: -73 }],
    ['csq', '+CSQ: 99,99', noSignal],
    ['cesq', '+CESQ: 99,99,255,255,20,55', { ...noSignal, rsrqDb: -10, rsrpDbm: -86 }],
    ['cesq', '+CESQ: 99,99,255,255,255,255,65,70,60', { rssiDbm: null, rsrqDb: -11, rsrpDbm: -87, sinrDb: 6.5 }],
    ['qcsq', '+QCSQ: "NOSERVICE"', noSignal],
    ['qcsq', '+QCSQ: "GSM",-71', { ...noSignal, rssiDbm: -71 }],
    [
      'cpsi',
      '+CPSI: LTE,Online,460-11,0x5A1E,187214780,257,EUTRAN-BAND3,1850,5,5,-94,-850,-545,15',
      { rssiDbm: -54.5, rsrpDbm: -85, rsrqDb: -9.4, sinrDb: 15 },
    ],
    ['cpsi', '+CPSI: NO SERVICE,Online', noSignal],
    ['rfsts', '#RFSTS: "001 01",1300,-97,-60,-12,5A1E,FF,0', { rssiDbm: -60, rsrpDbm: -97, rsrqDb: -12, sinrDb: null }],
    ['hcsq', '^HCSQ: "LTE",59,49,161,16', { rssiDbm: -62, rsrpDbm: -92, sinrDb: 12, rsrqDb: -12 }],
    ['hcsq', '^HCSQ: "NOSERVICE"', noSignal],
    ['gstatus', 'System mode: LTE\tPCC RxM RSRP: -95', { ...noSignal, rsrpDbm: -95 }],
  ] as const)('in %s: %s (composed)', (dialect, line, expected) => {
    expect(signalParsers[dialect]([line])).toEqual(expected);
  });

  it('is null or within what radio can be, whatever the line', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('+CSQ', '+CESQ', '+QCSQ', '^HCSQ', '+CPSI', '#RFSTS'),
        fc.array(fc.oneof(fc.integer().map(String), fc.string())),
        (name, fields) => {
          for (const parse of Object.values(signalParsers)) {
            const power = parse([`${name}: ${fields.join(',')}`])?.rsrpDbm ?? -100;
            expect(power).toBeLessThanOrEqual(-20);
            expect(power).toBeGreaterThanOrEqual(-160);
          }
        },
      ),
    );
  });
});

describe('temperature', () => {
  it.each([
    ['ec200t-lte', 38],
    ['ep06-data-only-sim', 31],
    ['rm500u-nr-sa', 50],
  ])('of %s (capture)', (id, degrees) => {
    expect(temperatureParsers.qtemp(captured(id, 'AT+QTEMP'))).toBe(degrees);
  });

  it.each([
    ['pctemp', 'Temperature: 31.00', 31],
    ['cpmutemp', '+CPMUTEMP: 28', 28],
    ['tempsens', '#TEMPSENS: TSENS,27', 27],
    ['chiptemp', '^CHIPTEMP: 273,279,251,65535,65535', 27.9],
    ['qtemp', '+QTEMP: 255,255,255', null],
  ] as const)('in %s: %s (composed)', (dialect, line, degrees) => {
    expect(temperatureParsers[dialect]([line])).toBe(degrees);
  });
});

describe('the SIM', () => {
  it.each([
    ['+CPIN: READY', 'ready'],
    ['+CPIN: SIM PIN', 'pin-required'],
    ['+CPIN: SIM PUK', 'puk-required'],
    ['+CPIN: SIM PIN2', 'ready'],
    ['+CPIN: PH-NET PIN', 'failed'],
    ['READY', null],
  ])('reads %s (composed)', (line, state) => {
    expect(parseSimState([line])).toBe(state);
  });

  it.each(['+QCCID: 89001010000000000711', '+CCID: "89001010000000000711"', 'ICCID: 89001010000000000711F', '89001010000000000711'])(
    'has an ICCID in %s (composed)',
    (line) => {
      expect(parseIccid([line])).toBe('89001010000000000711');
    },
  );

  it('has numbers of its own shape only (composed)', () => {
    expect(parseIccid(['+QCCID: 1234'])).toBeNull();
    expect(parseSubscriberNumber(['001010000000007'])).toBe('001010000000007');
    expect(parseSubscriberNumber(['+CIMI: none'])).toBeNull();
    expect(parseMncLength(['+CRSM: 144,0,"00000003"'])).toBe(3);
    expect(parseMncLength(['+CRSM: 106,130,""'])).toBeNull();
  });

  it.each([
    // Composed by TS 102 221 clause 11.1.1.4 and TS 51.011 clause 9.2.1.
    ['+CRSM: 144,0,"620F8202412183026F3E8A010580020003"', 3],
    ['+CRSM: 144,0,"621482024121830 26F3E"', null],
    ['+CRSM: 144,0,"000000056F3E040011FFFF01020000"', 5],
    ['+CRSM: 106,130', 0],
    ['+CRSM: 106,130,""', 0],
    ['+CRSM: 144,0', null],
    ['OK', null],
  ])('gives in %s the size of a file of the SIM', (line, size) => {
    expect(parseFileSize([line])).toBe(size);
  });

  it.each([
    ['+CRSM: 144,0,"0A12FF"', '0A12'],
    ['+CRSM: 144,0,"0a12"', '0A12'],
    ['+CRSM: 145,34,"FFFFFF"', ''],
    ['+CRSM: 106,130', ''],
    ['+CRSM: 144,0,"zz"', ''],
    ['ERROR', null],
  ])('gives in %s the group identifier', (line, identifier) => {
    expect(parseGroupIdentifier([line])).toBe(identifier);
  });

  it('never throws at what a card may give', () => {
    const octets = fc.uint8Array({ maxLength: 40 }).map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
    fc.assert(
      fc.property(octets, fc.constantFrom('62', ''), (text, start) => {
        const line = `+CRSM: 144,0,"${start}${text}"`;
        parseFileSize([line]);
        expect(parseGroupIdentifier([line])).toMatch(/^([0-9A-F]{2})*$/);
      }),
    );
  });

  it.each([
    ['qpinc', '+QPINC: "SC",3,10', 3],
    ['qpinc', '+QPINC: "P2",3,10', null],
    ['cpinc', '+CPINC: 2,3,10,10', 2],
    ['telit-pct', '#PCT: 1', 1],
    ['huawei-cpin', '^CPIN: READY,,10,3,10,3', 3],
  ] as const)('counts tries in %s: %s (composed)', (dialect, line, tries) => {
    expect(pinTriesParsers[dialect]([line])).toBe(tries);
  });
});

describe('contexts and bearers', () => {
  it('reads stored contexts (composed)', () => {
    expect(parseStoredContexts(['+CGDCONT: 1,"IPV4V6","a.b","",0,0', '+CGDCONT: 2,"PPP",""'])).toEqual([
      { contextId: 1, ipType: 'ipv4v6', apn: 'a.b' },
      { contextId: 2, ipType: null, apn: '' },
    ]);
  });

  it('reads authentication in both shapes of QICSGP (the first is a capture)', () => {
    expect(parseQicsgp(captured('bg96-cat-m', 'AT+QICSGP=1'))).toEqual({ auth: 'none', username: '', password: '' });
    expect(parseQicsgp(['+QICSGP: 1,"a","me","secret",2'])).toEqual({ auth: 'chap', username: 'me', password: 'secret' });
    expect(parseQicsgp(['+QICSGP: 1'])).toBeNull();
  });

  it('reads CGAUTH, and calls a hidden password unknown (composed)', () => {
    expect(parseCgauth(['+CGAUTH: 1,1,"me","x"'], 1)).toEqual({ auth: 'pap', username: 'me', password: 'x' });
    expect(parseCgauth(['+CGAUTH: 1,1,"me"'], 1)).toBeNull();
    expect(parseCgauth([], 1)).toEqual({ auth: 'none', username: '', password: '' });
  });

  it('reads addresses with and without masks, IPv4 and IPv6 (composed)', () => {
    const both = [
      '+CGCONTRDP: 1,5,"x","10.1.2.3.255.255.255.0","10.1.2.1","192.0.2.53","0.0.0.0"',
      `+CGCONTRDP: 1,5,"x","32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.9${'.255'.repeat(16)}"`,
    ];
    expect(parseCgcontrdp(both, 1)).toEqual({
      apn: 'x',
      addresses: ['10.1.2.3', '2001:db8::9'],
      dns: ['192.0.2.53'],
    });
    expect(parseCgcontrdp(both, 2)).toBeNull();
    expect(parseCgpaddr(['+CGPADDR: 1,"0.0.0.0"'], 1)).toEqual([]);
    expect(parseCgpaddr(['+CGPADDR: 1,10.1.2.3,2001:db8::9'], 1)).toEqual(['10.1.2.3', '2001:db8::9']);
  });

  it.each([
    ['0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1', '::1'],
    ['32.1.13.184.0.0.0.1.0.0.0.0.0.0.0.10', '2001:db8:0:1::a'],
    ['32.1.13.184.0.0.0.16.0.1.0.16.0.0.0.0', '2001:db8:0:10:1:10::'],
    ['32.1.13.184.0.0.0.1.0.2.0.3.0.4.0.5', '2001:db8:0:1:2:3:4:5'],
    ['10.1.2.3', '10.1.2.3'],
    ['0.0.0.0', null],
    ['10.1.2', null],
    ['10.1.2.256', null],
  ])('writes the address %s as %s', (dotted, address) => {
    expect(addressOf(dotted)).toBe(address);
  });

  it('reads whether a call is up (composed)', () => {
    expect(parseCgact(['+CGACT: 1,1', '+CGACT: 2,0'], 2)).toBe(false);
    expect(parseCgact([], 1)).toBeNull();
    expect(parseQnetdevctl(['+QNETDEVCTL: 1,1,1,1'])).toBe(true);
    expect(parseCallState(['!SCACT: 1,0'], '!SCACT', 1)).toBe(false);
    expect(parseQcrmcall([])).toBe(false);
    expect(parseNdisState(['^NDISSTATQRY: 0,,,"IPV4",1,,,"IPV6"'])).toBe(true);
  });
});

describe('the rest', () => {
  it.each([
    ['qcfg-usbnet', '+QCFG: "usbnet",3', '3'],
    ['usbcomp', 'Interface bitmask: 0000100D (diag,nmea,modem,mbim)', '100D'],
    ['cusbcfg', '+CUSBCFG: USBID: 1E0E,9011', '9011'],
    ['usbcfg', '#USBCFG: 3', '3'],
    ['setport', '^SETPORT:FF;10,12,16', '16'],
    ['qcfg-usbnet', '+QCFG: "band",1', null],
  ] as const)('data mode in %s: %s (composed)', (dialect, line, code) => {
    expect(dataModeParsers[dialect]([line])).toBe(code);
  });

  it('reads names, firmware and the radio (composed)', () => {
    expect(parseText(['+CGMM: "LE910C4-EU"'])).toBe('LE910C4-EU');
    expect(parseText([])).toBeNull();
    expect(parseRevision(['Quectel', 'Revision: EC200AEUHAR01A30M16'])).toBe('EC200AEUHAR01A30M16');
    expect(parseRadio(['+CFUN: 4'])).toBe('off');
    expect(parseRadio(['?'])).toBeNull();
  });
});
