import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDataFormat } from './data-format.ts';
import { refusalOfQmi } from './qmi-refusal.ts';
import { qmicliCommand } from './qmicli-command.ts';
import { parseCurrentSettings, parseUsbCompositions } from './qmicli-replies.ts';

const call = { family: 4, profile: 1, apn: 'internet', auth: 'pap', username: 'me', password: 'hush' } as const;

describe('a command line of qmicli', () => {
  it('quotes credentials, and names the secret', () => {
    const command = qmicliCommand('/dev/cdc-wdm0', { kind: 'start-network', call });
    expect(command).toEqual({
      ok: true,
      value: {
        argv: [
          'qmicli',
          '-d',
          '/dev/cdc-wdm0',
          '-p',
          '--device-open-qmi',
          '--wds-start-network=apn=internet,3gpp-profile=1,ip-type=4,auth=PAP,username="me",password="hush"',
        ],
        secrets: ['hush'],
      },
    });
  });

  it('keeps or gives up a client id, and can start the port afresh', () => {
    const command = qmicliCommand('/dev/cdc-wdm3', { kind: 'release' }, { cid: 17, keep: true, sync: true });
    expect(command).toMatchObject({
      value: {
        argv: [
          'qmicli',
          '-d',
          '/dev/cdc-wdm3',
          '-p',
          '--device-open-qmi',
          '--device-open-sync',
          '--client-cid=17',
          '--client-no-release-cid',
          '--wds-noop',
        ],
      },
    });
  });

  it.each(['a,b', 'a"b', "a'b", 'a\nb', 'a\0b', 'ä', '', '\\'])('carries no user name %j', (username) => {
    expect(qmicliCommand('/dev/cdc-wdm0', { kind: 'start-network', call: { ...call, username } })).toMatchObject({
      failure: { code: 'value.refused' },
    });
  });

  it.each(['a,ip-type=6', 'a b', '"', 'x'.repeat(101)])('carries no access point name %j', (apn) => {
    expect(qmicliCommand('/dev/cdc-wdm0', { kind: 'start-network', call: { ...call, apn } })).toMatchObject({ ok: false });
  });

  it.each(['/dev/../etc', 'cdc-wdm0', '/dev/cdc wdm', '--help'])('opens no %s', (device) => {
    expect(qmicliCommand(device, { kind: 'release' })).toMatchObject({ ok: false });
  });

  it('never lets a value become another key', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (username, password) => {
        const command = qmicliCommand('/dev/cdc-wdm0', { kind: 'start-network', call: { ...call, username, password } });
        return !command.ok || command.value.argv.at(-1)?.split(',').length === 6;
      }),
    );
  });
});

describe('what modem and kernel agree on', () => {
  it.each([
    ['raw-ip', '802-3', { modem: null, host: 'raw-ip' }],
    ['raw-ip', 'raw-ip', { modem: null, host: null }],
    ['802-3', '802-3', { modem: 'raw-ip', host: 'raw-ip' }],
    ['802-3', 'raw-ip', { modem: 'raw-ip', host: null }],
    ['802-3', null, { modem: null, host: null }],
    ['raw-ip', null, { modem: '802-3', host: null }],
    [null, '802-3', { modem: null, host: 'raw-ip' }],
    [null, null, { modem: null, host: null }],
  ] as const)('modem %s, kernel %s', (modem, host, plan) => {
    expect(planDataFormat({ modem, host, rawIpMandatory: true })).toEqual(plan);
  });

  it('leaves the kernel alone when the modem cannot tell and need not have raw IP', () => {
    expect(planDataFormat({ modem: null, host: '802-3', rawIpMandatory: false })).toEqual({ modem: null, host: null });
  });
});

describe('what qmicli says', () => {
  const callEnd = (plain: number, verbose: string) =>
    `error: couldn't start network: QMI protocol error (14): 'CallFailed'\ncall end reason (${plain}): some-name\nverbose call end reason (${verbose}): [type] some-name\n`;

  it.each([
    [callEnd(1018, '6,33'), { code: 'apn.not-subscribed', cause: 33 }],
    [callEnd(1013, '6,27'), { code: 'apn.unknown', cause: 27 }],
    [callEnd(1, '6,29'), { code: 'bearer.auth-failed', cause: 29 }],
    [callEnd(1, '6,8'), { code: 'network.barred', cause: 8 }],
    [callEnd(1, '6,26'), { code: 'network.congested', cause: 26 }],
    [callEnd(1, '6,38'), { code: 'network.failure', cause: 38 }],
    [callEnd(1, '6,39'), { code: 'network.reactivation', cause: 39 }],
    [callEnd(1, '6,50'), { code: 'bearer.ip-type', cause: 50 }],
    [callEnd(1, '6,65'), { code: 'bearer.limit', cause: 65 }],
    [callEnd(1, '6,66'), { code: 'apn.not-supported-with-rat', cause: 66 }],
    [callEnd(1, '6,111'), { code: 'network.failure', cause: 111 }],
    [callEnd(1, '2,209'), { code: 'network.congested' }],
    [callEnd(1, '2,211'), { code: 'network.congested' }],
    [callEnd(1, '2,212'), { code: 'modem.restarting' }],
    [callEnd(1, '2,217'), { code: 'apn.profile-mismatch' }],
    [callEnd(1, '2,219'), { code: 'modem.radio-off' }],
    [callEnd(1, '2,230'), { code: 'apn.profile-mismatch' }],
    [callEnd(1, '2,231'), { code: 'bearer.ip-type' }],
    [callEnd(1, '2,236'), { code: 'control.in-use' }],
    [callEnd(1, '2,237'), { code: 'control.in-use' }],
    [callEnd(1, '2,239'), { code: 'network.roaming-disabled' }],
    [callEnd(1, '2,243'), { code: 'modem.too-hot' }],
    [callEnd(1, '2,246'), { code: 'network.roaming-disabled' }],
    [callEnd(1, '2,247'), { code: 'apn.unknown' }],
    [callEnd(1, '3,2001'), { code: 'network.no-service' }],
    [callEnd(1, '3,2500'), { code: 'modem.radio-off' }],
    [callEnd(1, '3,2504'), { code: 'sim.failure' }],
    [callEnd(1, '7,32'), { code: 'bearer.auth-failed' }],
    [callEnd(1013, '99,1'), { code: 'apn.unknown', cause: 27 }],
    [callEnd(3, '99,1'), { code: 'network.no-service' }],
    ["QMI protocol error (14): 'CallFailed'", { code: 'bearer.no-carrier' }],
    ["QMI protocol error (5): 'ClientIdsExhausted'", { code: 'control.clients-exhausted' }],
    ["QMI protocol error (60): 'InvalidTransition'", { code: 'modem.radio-locked' }],
    ["QMI protocol error (4242): 'Unheard'", { code: 'control.rejected' }],
    ['error: operation failed: Transaction timed out', { code: 'control.timeout' }],
    ["error: couldn't open the QmiDevice: no such device", { code: 'control.port-closed' }],
    ['something else', { code: 'control.unparsable' }],
  ])('%s', (text, refusal) => {
    expect(refusalOfQmi(text)).toEqual(refusal);
  });

  it('is never more than it says', () => {
    expect(parseCurrentSettings('')).toEqual({ family: null, addresses: [], dns: [], mtu: null });
    fc.assert(fc.property(fc.string(), (text) => void parseCurrentSettings(text)));
  });

  it('lists the compositions of a Sierra modem', () => {
    const text = `[/dev/cdc-wdm0] Successfully retrieved USB compositions:
\t[*] USB composition 6: DM, NMEA, AT, QMI
\t    USB composition 8: DM, NMEA, AT, MBIM
\t    USB composition 9: MBIM
`;
    expect(parseUsbCompositions(text)).toEqual([
      { number: 6, functions: 'DM, NMEA, AT, QMI', current: true },
      { number: 8, functions: 'DM, NMEA, AT, MBIM', current: false },
      { number: 9, functions: 'MBIM', current: false },
    ]);
  });
});
