import { afterEach, describe, expect, it } from 'vitest';
import { mbimcliOn, type ToolTable, valueOf } from './stock-tool.ts';

let table: ToolTable;

afterEach(() => table.close());

/** The transaction number that a channel left open goes on with. */
function nextNumber(text: string): number {
  return Number(valueOf(text, 'TRID') ?? 0) + 1;
}

describe('mbimcli and a simulated modem', () => {
  it('agree on modem, card and network', async () => {
    table = mbimcliOn('em7565');
    expect(valueOf((await table.run('--query-device-caps')).text, 'Device ID')).toBe('490154203237518');
    const card = (await table.run('--query-subscriber-ready-status')).text;
    expect([valueOf(card, 'Ready state'), valueOf(card, 'SIM ICCID')]).toEqual(['initialized', '8900101000000000071']);
    const registration = (await table.run('--query-registration-state')).text;
    expect([valueOf(registration, 'Register state'), valueOf(registration, 'Provider ID')]).toEqual(['home', '00101']);
    for (const query of ['--query-radio-state', '--query-signal-state', '--query-packet-service-state', '--query-home-provider'])
      expect((await table.run(query)).status).toBe(0);
    expect((await table.run('--query-device-services')).text).toContain('ms-basic-connect-extensions');
  });

  it('connect, read the address, and disconnect on one open channel', async () => {
    table = mbimcliOn('mc7455');
    const connected = (await table.run('--connect=session-id=0,access-string=fleet.dual,ip-type=ipv4v6', '--no-close')).text;
    expect(connected).toContain('Successfully connected');
    const open = nextNumber(connected);
    const configuration = (await table.run('--query-ip-configuration=0', `--no-open=${open}`, '--no-close')).text;
    expect(configuration).toContain(`IP [0]: '${table.modem.dataLink()?.addresses[0]}/`);
    expect(configuration).toContain("DNS [0]: '192.0.2.53'");
    expect(configuration).toMatch(/IP \[0\]: '2001:db8:.*\/64'/);
    expect((await table.run('--disconnect=0', `--no-open=${open + 3}`)).text).toContain('Successfully disconnected');
    expect(table.modem.dataLink()).toBeNull();
  });

  it('end the session with the channel', async () => {
    table = mbimcliOn('mc7455');
    expect((await table.run('--connect=access-string=fleet.dual,ip-type=ipv4')).status).toBe(0);
    expect(table.modem.dataLink()).toBeNull();
  });

  it.each([
    ['nowhere', 'InvalidAccessString'],
    ['fleet.other', 'ServiceNotActivated'],
    ['fleet.secret', 'InvalidUserNamePwd'],
  ])('tell that %s is refused', async (apn, status) => {
    table = mbimcliOn('ec25');
    const { status: code, text } = await table.run(`--connect=access-string=${apn},ip-type=ipv4`);
    expect([code, text.trim()]).toEqual([1, `error: operation failed: ${status}`]);
  });

  it('take user and password', async () => {
    table = mbimcliOn('ec25');
    const { status } = await table.run('--connect=access-string=fleet.secret,ip-type=ipv4,auth=pap,username=gate,password=keep');
    expect(status).toBe(0);
  });

  it('try a PIN and read the tries left', async () => {
    table = mbimcliOn('em7565', { pin: '1234' });
    const state = (await table.run('--query-pin-state')).text;
    expect([valueOf(state, 'PIN state'), valueOf(state, 'PIN type'), valueOf(state, 'Remaining attempts')]).toEqual([
      'locked',
      'pin1',
      '3',
    ]);
    expect((await table.run('--enter-pin=1234')).status).toBe(0);
  });

  it('read the attach configuration', async () => {
    table = mbimcliOn('em7565');
    expect((await table.run('--ms-query-lte-attach-configuration')).text).toContain('Access string: fleet.north');
  });
});
