import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DialRequest } from '../driver.ts';
import { modelById } from '../models/models.ts';
import { noLink, pppdLineRead } from './pppd-log.ts';
import { type PppdHost, pppdFiles } from './pppd-options.ts';
import { refusalOfPppd } from './pppd-refusal.ts';

const model = modelById('bg96');
if (!model) throw new Error('no model');
const bg96 = model;

const place: PppdHost = { directory: '/run/towline/1-1', linkName: 'towline-1-1', scripts: [] };
const request: DialRequest = {
  contextId: 1,
  mode: 'ppp',
  apn: 'fleet.north',
  ipType: 'ipv4',
  auth: 'chap',
  username: 'me',
  password: 'h#sh x',
};

/** pppd 2.4.9 with a chat of this package's script: chat's part captured from the tool on a PTY, pppd's composed from its source. */
const up = `Serial connection established.
Using interface ppp0
Connect: ppp0 <--> /dev/ttyUSB3
sent [LCP ConfReq id=0x1 <asyncmap 0x0> <magic 0x1> <pcomp> <accomp>]
CHAP authentication succeeded
local  LL address fe80::1111:2222:3333:4444
remote LL address fe80::1
local  IP address 10.64.64.64
remote IP address 10.64.64.65
primary   DNS address 192.0.2.53
secondary DNS address 198.51.100.53`;

const chat = (last: string) =>
  `send (AT^M)\nexpect (OK)\n^M\nOK\n -- got it\n\nsend (ATD*99***1#^M)\nexpect (CONNECT)\n^M\n^M\n${last}\nConnect script failed`;

describe('options of pppd', () => {
  it('hold all that a 3GPP modem needs, and leave routes, DNS and scripts of the host alone', () => {
    const files = pppdFiles(request, place, bg96);
    if (!files.ok) throw new Error('refused');
    const options = files.value.options.split('\n');
    for (const option of [
      'nodetach',
      'noauth',
      'noipdefault',
      'nodefaultroute',
      'novj',
      'novjccomp',
      'noccp',
      'local',
      'lock',
      'modem',
      'nocrtscts',
    ]) {
      expect(options).toContain(option);
    }
    for (const option of [
      'ipcp-accept-local',
      'ipcp-accept-remote',
      'ipcp-max-failure 30',
      'usepeerdns',
      'hide-password',
      'remotename 3gppp',
    ]) {
      expect(options).toContain(option);
    }
    expect(options).toEqual(expect.arrayContaining(['ip-up-script /bin/true', 'noipv6', 'refuse-pap', 'user "me"', 'password "h#sh x"']));
    expect(options).toContain('connect "/usr/sbin/chat -s -v -f /run/towline/1-1/ppp-connect"');
  });

  it.each([
    ['ipv4', ['noipv6'], ['+ipv6', 'noip']],
    ['ipv6', ['noip', '+ipv6'], ['noipv6']],
    ['ipv4v6', ['+ipv6'], ['noip', 'noipv6']],
  ] as const)('ask for %s', (ipType, there, missing) => {
    const files = pppdFiles({ ...request, ipType }, place, bg96);
    const options = files.ok ? files.value.options.split('\n') : [];
    for (const option of there) expect(options).toContain(option);
    for (const option of missing) expect(options).not.toContain(option);
  });

  it('dial the context, and give up on every refusal that a modem knows', () => {
    const files = pppdFiles({ ...request, contextId: 3 }, place, bg96);
    expect(files).toMatchObject({
      value: {
        connect: expect.stringMatching(
          /ABORT 'NO CARRIER'\n[^]*TIMEOUT 5\n'' AT\nOK ATE0\nOK AT&D2\nTIMEOUT 180\nOK ATD\*99\*\*\*3#\nCONNECT '\\c'\n$/,
        ),
      },
    });
  });

  it.each(['a"b', 'a\\b', 'a\nconnect evil', 'a\0'])('carry no password %j', (password) => {
    expect(pppdFiles({ ...request, password }, place, bg96)).toMatchObject({ failure: { code: 'value.refused' } });
  });

  it('let no value become an option', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (username, password) => {
        const files = pppdFiles({ ...request, username, password }, place, bg96);
        const plain = pppdFiles(request, place, bg96);
        return !files.ok || !plain.ok || files.value.options.split('\n').length === plain.value.options.split('\n').length;
      }),
    );
  });

  it.each(['/run/to wline', '/run/$(id)', 'run'])('stand in no folder %s', (directory) => {
    expect(pppdFiles(request, { ...place, directory }, bg96)).toMatchObject({ ok: false });
  });
});

describe('the log of pppd', () => {
  it('tells what was negotiated', () => {
    expect(up.split('\n').reduce(pppdLineRead, noLink)).toEqual({
      interface: 'ppp0',
      local: '10.64.64.64',
      remote: '10.64.64.65',
      ipv6: true,
      dns: ['192.0.2.53', '198.51.100.53'],
    });
  });

  it('is read without harm, whatever stands in it', () => {
    fc.assert(fc.property(fc.string(), (line) => void pppdLineRead(noLink, line)));
  });
});

describe('the end of pppd', () => {
  it.each([
    [0, '', 'bearer.no-carrier'],
    [1, '', 'host.not-permitted'],
    [2, 'pppd: In file /run/towline/1-1/ppp-options: unrecognized option', 'value.refused'],
    [2, "pppd: unrecognized option '/dev/ttyUSB3'", 'at.port-closed'],
    [3, '', 'host.not-permitted'],
    [4, "Couldn't open the /dev/ppp device: No such file or directory", 'host.no-ppp'],
    [5, 'Terminating on signal 15', 'bearer.no-carrier'],
    [6, 'Device ttyUSB3 is locked by pid 77', 'host.port-busy'],
    [7, 'Failed to open /dev/ttyUSB3: Input/output error', 'at.port-closed'],
    [8, chat('NO CARRIER\n -- failed\nFailed (NO CARRIER)'), 'bearer.no-carrier'],
    [8, chat('BUSY\n -- failed\nFailed (BUSY)'), 'bearer.no-carrier'],
    [8, chat('alarm\nFailed'), 'bearer.no-carrier'],
    [8, 'send (AT^M)\nexpect (OK)\nalarm\nFailed\nConnect script failed', 'at.timeout'],
    [9, '', 'host.not-permitted'],
    [10, 'LCP: timeout sending Config-Requests\nConnection terminated.', 'ppp.peer-silent'],
    [16, 'LCP: timeout sending Config-Requests\nConnection terminated.', 'ppp.peer-silent'],
    [10, 'IPCP: timeout sending Config-Requests\nConnection terminated.', 'ppp.negotiation-failed'],
    [16, 'IPCP: timeout sending Config-Requests\nConnection terminated.', 'ppp.negotiation-failed'],
    [0, 'IPCP: timeout sending Config-Requests\nConnection terminated.', 'ppp.negotiation-failed'],
    [10, 'Could not determine local IP address', 'ppp.negotiation-failed'],
    [10, '', 'ppp.negotiation-failed'],
    [11, '', 'bearer.auth-failed'],
    [12, '', 'bearer.no-carrier'],
    [13, '', 'bearer.no-carrier'],
    [14, '', 'ppp.negotiation-failed'],
    [15, 'No response to 4 echo-requests', 'ppp.peer-dead'],
    [16, 'Modem hangup', 'bearer.no-carrier'],
    [16, 'PAP authentication failed\nModem hangup', 'bearer.auth-failed'],
    [17, 'Serial line is looped back.', 'ppp.negotiation-failed'],
    [18, '', 'host.not-permitted'],
    [19, 'CHAP authentication failed', 'bearer.auth-failed'],
  ])('with %d after %j is %s', (code, log, failure) => {
    expect(refusalOfPppd({ kind: 'exited', code }, log.split('\n'))).toBe(failure);
  });

  it('of a pppd that is not there is told apart', () => {
    expect(refusalOfPppd({ kind: 'not-started', reason: 'ENOENT' }, [])).toBe('host.tool-missing');
    expect(refusalOfPppd({ kind: 'not-started', reason: 'EACCES' }, [])).toBe('host.not-permitted');
    expect(refusalOfPppd({ kind: 'not-started', reason: 'EAGAIN' }, [])).toBe('bearer.no-carrier');
    expect(refusalOfPppd({ kind: 'killed', signal: 'SIGKILL' }, [])).toBe('bearer.no-carrier');
  });
});
