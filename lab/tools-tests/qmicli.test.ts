import { afterEach, describe, expect, it } from 'vitest';
import { qmicliOn, type ToolTable, valueOf } from './stock-tool.ts';

let table: ToolTable;

afterEach(() => table.close());

/** Starts a call whose client stays: gives its client id and packet data handle. */
async function start(dial: string): Promise<{ cid: string; handle: string }> {
  const { text } = await table.run(`--wds-start-network=${dial}`, '--client-no-release-cid');
  return { cid: valueOf(text, 'CID') ?? '', handle: valueOf(text, 'Packet data handle') ?? text };
}

describe('qmicli and a simulated modem', () => {
  it('agree on who it is and what card it has', async () => {
    table = qmicliOn('mc7455');
    expect(valueOf((await table.run('--dms-get-ids')).text, 'IMEI')).toBe('490154203237518');
    expect(valueOf((await table.run('--dms-get-operating-mode')).text, 'Mode')).toBe('online');
    const card = (await table.run('--uim-get-card-status')).text;
    expect([valueOf(card, 'Card state'), valueOf(card, 'Application state'), valueOf(card, 'PIN1 retries')]).toEqual([
      'present',
      'ready',
      '3',
    ]);
    expect((await table.run('--uim-get-slot-status')).text).toContain('ICCID: 8900101000000000071');
    expect((await table.run('--dms-swi-get-usb-composition')).text).toContain('[*] USB composition 6: DM, NMEA, AT, QMI');
  });

  it('agree on the network', async () => {
    table = qmicliOn('ec25');
    const serving = await table.run('--nas-get-serving-system');
    expect(serving.text).not.toContain('Warning');
    expect([valueOf(serving.text, 'Registration state'), valueOf(serving.text, 'PS'), valueOf(serving.text, 'Description')]).toEqual([
      'registered',
      'attached',
      'Polder Mobile',
    ]);
    for (const query of ['--nas-get-signal-info', '--nas-get-system-info', '--nas-get-home-network']) {
      const { status, text } = await table.run(query);
      expect([status, text.includes('Warning')]).toEqual([0, false]);
    }
  });

  it('bring a call up, read what it was given, and end it', async () => {
    table = qmicliOn('mc7455');
    const { cid, handle } = await start('apn=fleet.dual,ip-type=4');
    const settings = (await table.run('--wds-get-current-settings', `--client-cid=${cid}`, '--client-no-release-cid')).text;
    expect(valueOf(settings, 'IPv4 address')).toBe(table.modem.dataLink()?.addresses[0]);
    expect([valueOf(settings, 'IPv4 primary DNS'), valueOf(settings, 'MTU')]).toEqual(['192.0.2.53', '1500']);
    expect((await table.run('--wds-get-packet-service-status')).text).toContain("'connected'");
    expect((await table.run(`--wds-stop-network=${handle}`, `--client-cid=${cid}`)).status).toBe(0);
    expect(table.modem.dataLink()).toBeNull();
  });

  it('bring an IPv6 call up', async () => {
    table = qmicliOn('mc7455');
    const { cid } = await start('apn=fleet.dual,ip-type=6');
    const settings = (await table.run('--wds-get-current-settings', `--client-cid=${cid}`)).text;
    expect(valueOf(settings, 'IPv6 address')).toMatch(/^2001:db8:.*\/64$/);
  });

  it.each([
    ['fleet.other', 'call end reason (1018): gsm-wcdma-option-unsubscribed', '(6,33): [3gpp] option-unsubscribed'],
    ['nowhere', 'call end reason (1013): gsm-wcdma-unknown-apn', '(6,27): [3gpp] unknown-apn'],
    ['fleet.secret', 'call end reason (1015)', '(6,29): [3gpp] authentication-failed'],
  ])('tell why %s is refused', async (apn, reason, verbose) => {
    table = qmicliOn('bg96');
    const { status, text } = await table.run(`--wds-start-network=apn=${apn},ip-type=4`);
    expect(status).toBe(1);
    expect(text).toContain(reason);
    expect(text).toContain(`verbose call end reason ${verbose}`);
  });

  it('find a stale call in the way, and get rid of it by releasing its client', async () => {
    table = qmicliOn('mc7455');
    const { cid } = await start('apn=fleet.dual,ip-type=4');
    expect((await table.run('--wds-start-network=apn=fleet.dual,ip-type=4')).text).toContain('[internal] call-already-present');
    await table.run('--wds-noop', `--client-cid=${cid}`);
    expect((await start('apn=fleet.dual,ip-type=4')).handle).toMatch(/^\d+$/);
  });

  it('run out of client ids that are not released', async () => {
    table = qmicliOn('mc7455');
    let last = '';
    for (let turn = 0; turn < 40 && !last.includes('ClientIdsExhausted'); turn += 1)
      last = (await table.run('--dms-noop', '--client-no-release-cid')).text;
    expect(last).toContain('ClientIdsExhausted');
    expect((await table.run('--device-open-sync', '--dms-get-manufacturer')).status).toBe(0);
  });

  it('try a PIN and read the tries left', async () => {
    table = qmicliOn('mc7455', { pin: '1234' });
    expect(valueOf((await table.run('--uim-get-card-status')).text, 'Application state')).toBe('pin1-or-upin-pin-required');
    expect((await table.run('--uim-verify-pin=PIN1,1111')).text).toContain('IncorrectPin');
    expect(valueOf((await table.run('--uim-get-card-status')).text, 'PIN1 retries')).toBe('2');
    expect((await table.run('--uim-verify-pin=PIN1,1234')).status).toBe(0);
  });

  it('unlock a radio that waits for FCC authentication', async () => {
    table = qmicliOn('em7455', { behaviours: [{ kind: 'fcc-locked' }] });
    expect((await table.run('--dms-set-operating-mode=online')).text).toContain('InvalidTransition');
    expect((await table.run('--dms-set-fcc-authentication')).status).toBe(0);
    expect((await table.run('--dms-set-operating-mode=online')).status).toBe(0);
  });

  it('agree on the data format', async () => {
    table = qmicliOn('ec25');
    expect(valueOf((await table.run('--wda-get-data-format')).text, 'Link layer protocol')).toBe('802-3');
    expect((await table.run('--wda-set-data-format=raw-ip')).status).toBe(0);
    expect(valueOf((await table.run('--wda-get-data-format')).text, 'Link layer protocol')).toBe('raw-ip');
  });

  it('write and read profiles', async () => {
    table = qmicliOn('mc7455');
    expect((await table.run('--wds-modify-profile=3gpp,1,apn=fleet.dual,pdp-type=IPV4V6')).status).toBe(0);
    expect(table.modem.state.stored.contexts.get(1)).toEqual({ type: 'IPV4V6', accessPoint: 'fleet.dual' });
    expect(valueOf((await table.run('--wds-get-profile-list=3gpp')).text, 'APN')).toBe('fleet.dual');
  });
});
