import { describe, expect, it } from 'vitest';
import type { SimulatedModemOptions } from '../modem/simulated-modem.ts';
import { simulatedSim } from '../modem/simulated-sim.ts';
import { bench, connect, imsi } from '../testing/bench.ts';
import { type QmiReply, qmiHost } from '../testing/qmi-host.ts';
import { qmiError } from './qmi-error.ts';
import { type Tlv, tlv } from './tlv.ts';

const startNetwork = 0x20;
const stopNetwork = 0x21;
const packetStatus = 0x22;
const settings = 0x2d;

function table(model = 'ec25', options: Partial<SimulatedModemOptions> = {}) {
  const on = bench(model, { dataMode: 'qmi', ...options });
  return { ...on, host: qmiHost(on.modem, on.clock) };
}

function apn(name: string, ...more: readonly Tlv[]) {
  return { tlvs: [tlv(0x14, (writer) => writer.text(name)), ...more] };
}

function family(number: 4 | 6): Tlv {
  return tlv(0x19, (writer) => writer.u8(number));
}

/** Plain reason, and type with verbose reason. */
function reasons(reply: QmiReply | null): readonly (number | undefined | null)[] {
  const verbose = reply?.output.reader(0x11);
  return [reply?.output.u16(0x10), verbose?.u16(), verbose?.u16()];
}

describe('a data call over QMI', () => {
  it('brings the address that the network gave', async () => {
    const { host, modem } = table();
    const started = await host.ask('WDS', startNetwork, apn('fleet.dual'));
    expect(started?.error).toBe(0);
    expect((await host.ask('WDS', packetStatus))?.output.u8(1)).toBe(2);
    const given = (await host.ask('WDS', settings))?.output;
    const address = given?.reader(0x1e)?.rest().reverse().join('.');
    expect(modem.dataLink()).toMatchObject({ addresses: [address], mode: 'qmi', accessPoint: 'fleet.dual.mnc001.mcc001.gprs' });
    expect([given?.u32(0x29), given?.u8(0x2b), given?.text(0x14)]).toEqual([1_500, 4, 'fleet.dual']);
  });

  it.each([
    ['nowhere', 1013, 27],
    ['fleet.other', 1018, 33],
    ['fleet.barred', 1012, 8],
    ['fleet.secret', 1015, 29],
  ])('to %s fails with the cause of the network', async (name, plain, cause) => {
    const { host } = table();
    const reply = await host.ask('WDS', startNetwork, apn(name));
    expect(reply?.error).toBe(qmiError.callFailed);
    expect(reasons(reply)).toEqual([plain, 6, cause]);
  });

  it('takes user and password with the dial', async () => {
    const { host } = table();
    const auth = [tlv(0x16, (w) => w.u8(1)), tlv(0x17, (w) => w.text('gate')), tlv(0x18, (w) => w.text('keep'))];
    expect((await host.ask('WDS', startNetwork, apn('fleet.secret', ...auth)))?.error).toBe(0);
  });

  it('of IPv6 on an access point without it is told so', async () => {
    const { host } = table();
    expect(reasons(await host.ask('WDS', startNetwork, apn('fleet.north', family(6))))).toEqual([1, 6, 50]);
  });

  it('runs beside one of the other family, each with its own settings', async () => {
    const { host, modem } = table();
    await host.ask('WDS', startNetwork, apn('fleet.dual', family(4)));
    const second = await host.allocate('WDS');
    await host.ask('WDS', 0x4d, { client: second, tlvs: [tlv(1, (writer) => writer.u8(6))] });
    expect((await host.ask('WDS', startNetwork, { client: second, ...apn('fleet.dual', family(6)) }))?.error).toBe(0);
    expect((await host.ask('WDS', settings))?.output.u8(0x2b)).toBe(4);
    expect((await host.ask('WDS', settings, { client: second }))?.output.reader(0x25)?.left).toBe(17);
    expect(modem.state.running.bearers.size).toBe(3);
  });

  it('is dialled with a stored profile', async () => {
    const { host, modem } = table('mc7455', { contexts: { 2: { type: 'IPV4V6', accessPoint: 'fleet.dual' } } });
    expect((await host.ask('WDS', startNetwork, { tlvs: [tlv(0x31, (writer) => writer.u8(2))] }))?.error).toBe(0);
    expect(modem.state.running.networkCall).toBe(2);
    expect((await host.ask('WDS', startNetwork, { tlvs: [tlv(0x31, (writer) => writer.u8(9))] }))?.error).toBe(qmiError.invalidProfile);
  });

  it('on a busy interface is answered as firmware does', async () => {
    const { host } = table();
    await host.ask('WDS', startNetwork, apn('fleet.north'));
    expect((await host.ask('WDS', startNetwork, apn('fleet.north')))?.error).toBe(qmiError.noEffect);
    const other = await host.allocate('WDS');
    expect(reasons(await host.ask('WDS', startNetwork, { client: other, ...apn('fleet.north') }))).toEqual([1, 2, 236]);
    expect(reasons(await host.ask('WDS', startNetwork, { client: other, ...apn('fleet.dual') }))).toEqual([1, 2, 237]);
  });

  it('stops by its handle, and a stale one by all ones', async () => {
    const { host, modem } = table();
    const handle = (await host.ask('WDS', startNetwork, apn('fleet.dual')))?.output.u32(1) ?? 0;
    expect((await host.ask('WDS', stopNetwork, { tlvs: [tlv(1, (writer) => writer.u32(handle + 1))] }))?.error).toBe(
      qmiError.invalidHandle,
    );
    expect((await host.ask('WDS', stopNetwork, { tlvs: [tlv(1, (writer) => writer.u32(handle))] }))?.error).toBe(0);
    expect(modem.dataLink()).toBeNull();
    await host.ask('WDS', startNetwork, apn('fleet.dual'));
    const all = { tlvs: [tlv(1, (writer) => writer.u32(0xffff_ffff))] };
    expect((await host.ask('WDS', stopNetwork, all))?.error).toBe(0);
    expect((await host.ask('WDS', stopNetwork, all))?.error).toBe(qmiError.noEffect);
  });

  it('ends with the client that made it', async () => {
    const { host, modem } = table();
    const client = await host.allocate('WDS');
    await host.ask('WDS', startNetwork, { client, ...apn('fleet.dual') });
    expect(modem.dataLink()).not.toBeNull();
    await host.ask('CTL', 0x23, { tlvs: [tlv(1, (writer) => writer.u8(1).u8(client))] });
    expect(modem.dataLink()).toBeNull();
    expect((await host.ask('WDS', packetStatus, { client }))?.error).toBe(qmiError.invalidClientId);
  });

  it('that the network releases is reported to the host', async () => {
    const { host, network, clock } = table();
    await host.ask('WDS', startNetwork, apn('fleet.dual'));
    const before = host.indications.length;
    network.release(imsi);
    await clock.advance(100);
    const [told] = host.indications.slice(before);
    expect(told).toMatchObject({ service: 1, id: 0x22 });
    expect((await host.ask('WDS', packetStatus))?.output.u8(1)).toBe(1);
  });
});

describe('a modem that cannot dial', () => {
  it('says which of card, radio and network is missing', async () => {
    const { host, modem, network, clock } = table();
    network.setOutage(true);
    expect(reasons(await host.ask('WDS', startNetwork, apn('fleet.north')))).toEqual([3, 3, 2001]);
    await host.ask('DMS', 0x2e, { tlvs: [tlv(1, (writer) => writer.u8(1))] });
    expect(reasons(await host.ask('WDS', startNetwork, apn('fleet.north')))).toEqual([3, 3, 2500]);
    modem.removeSim();
    await clock.advance(10);
    expect(reasons(await host.ask('WDS', startNetwork, apn('fleet.north')))).toEqual([3, 3, 2504]);
  });

  it('for want of FCC authentication refuses to go online', async () => {
    const { host, modem, clock } = table('em7455', { behaviours: [{ kind: 'fcc-locked' }] });
    const online = { tlvs: [tlv(1, (writer) => writer.u8(0))] };
    expect((await host.ask('DMS', 0x2e, online))?.error).toBe(qmiError.invalidTransition);
    expect((await host.ask('DMS', 0x555f))?.error).toBe(0);
    expect((await host.ask('DMS', 0x2e, online))?.error).toBe(0);
    await clock.advance(10_000);
    expect(modem.state.running.registration).toBe(1);
  });
});

describe('the card over QMI', () => {
  it('takes its PIN once and counts wrong ones', async () => {
    const sim = simulatedSim({ iccid: '8900101000000000071', imsi, pin: '1234' });
    const { host, modem, clock } = table('mc7455', { sim });
    const verify = (pin: string) => ({
      tlvs: [tlv(1, (writer) => writer.u8(0).u8(0)), tlv(2, (writer) => writer.u8(1).text8(pin))],
    });
    const wrong = await host.ask('UIM', 0x26, verify('1111'));
    expect([wrong?.error, wrong?.output.u8(0x10), sim.wrongTries()]).toEqual([qmiError.incorrectPin, 2, 1]);
    expect((await host.ask('UIM', 0x26, verify('1234')))?.error).toBe(0);
    await clock.advance(10_000);
    expect(modem.state.running.registration).toBe(1);
  });

  it('gives its ICCID before the PIN', async () => {
    const sim = simulatedSim({ iccid: '8900101000000000071', imsi, pin: '1234' });
    const { host } = table('mc7455', { sim });
    const file = (id: number) => ({
      tlvs: [tlv(1, (w) => w.u8(0).u8(0)), tlv(2, (w) => w.u16(id).u8(2).u16(0x3f00)), tlv(3, (w) => w.u16(0).u16(0))],
    });
    const iccid = (await host.ask('UIM', 0x20, file(0x2fe2)))?.output.reader(0x11);
    expect([iccid?.u16(), [...(iccid?.rest() ?? [])][0]]).toEqual([10, 0x98]);
    expect((await host.ask('UIM', 0x20, file(0x6f07)))?.error).toBe(qmiError.accessDenied);
  });
});

describe('QMI clients', () => {
  it('run out when nobody releases them, and a sync brings them back', async () => {
    const { host } = table();
    const given: number[] = [];
    for (let client = await host.allocate('WDS'); client > 0; client = await host.allocate('WDS')) given.push(client);
    expect(new Set(given).size).toBe(given.length);
    expect(given.length).toBeLessThan(255);
    expect(await host.allocate('WDS')).toBe(-qmiError.clientIdsExhausted);
    expect((await host.ask('CTL', 0x27))?.error).toBe(0);
    expect(await host.allocate('WDS')).toBeGreaterThan(0);
  });

  it('are gone after a reset', async () => {
    const { host, clock, modem } = table();
    await host.allocate('DMS');
    await host.ask('DMS', 0x2e, { tlvs: [tlv(1, (writer) => writer.u8(4))] });
    await clock.advance(20);
    expect(modem.present).toBe(false);
    await clock.advance(60_000);
    expect((await host.ask('DMS', 0x21, { client: 1 }))?.error).toBe(qmiError.invalidClientId);
  });
});

describe('the data format', () => {
  const wanted = (protocol: 1 | 2) => ({ tlvs: [tlv(0x11, (writer) => writer.u32(protocol))] });

  it('follows the host on a module that has both', async () => {
    const { host } = table('ec25');
    expect(host.peer.linkProtocol).toBe('ethernet');
    expect((await host.ask('WDA', 0x20, wanted(2)))?.output.u32(0x11)).toBe(2);
    expect(host.peer.linkProtocol).toBe('raw-ip');
  });

  it('stays raw IP on one that has nothing else', async () => {
    const { host } = table('mc7455');
    expect((await host.ask('WDA', 0x20, wanted(1)))?.output.u32(0x11)).toBe(2);
    expect(host.peer.linkProtocol).toBe('raw-ip');
  });
});

describe('one state behind QMI and AT', () => {
  it('shows a profile written by one to the other', async () => {
    const { host, modem, clock } = table('mc7455');
    const modify = { tlvs: [tlv(1, (writer) => writer.u8(0).u8(1)), tlv(0x14, (writer) => writer.text('fleet.dual'))] };
    expect((await host.ask('WDS', 0x28, modify))?.error).toBe(0);
    expect((await connect(modem, clock).ask('AT+CGDCONT?')).join()).toContain('"fleet.dual"');
  });

  it('switches the composition of a Sierra modem', async () => {
    const { host, modem } = table('mc7455');
    expect((await host.ask('DMS', 0x555b))?.output.u8(0x10)).toBe(6);
    expect((await host.ask('DMS', 0x555c, { tlvs: [tlv(1, (writer) => writer.u8(8))] }))?.error).toBe(0);
    expect(modem.state.stored.dataMode).toBe('mbim');
  });
});

describe('a QMI channel that misbehaves', () => {
  it('says nothing, for one service or all', async () => {
    const { host, modem } = table();
    const end = modem.misbehave({ kind: 'qmi-silent', to: 'WDS' });
    expect(await host.ask('WDS', packetStatus)).toBeNull();
    expect((await host.ask('DMS', 0x21))?.error).toBe(0);
    end();
    expect((await host.ask('WDS', packetStatus))?.error).toBe(0);
  });

  it('answers late', async () => {
    const { host, modem, clock } = table();
    await host.ask('DMS', 0x21);
    modem.misbehave({ kind: 'qmi-late', byMs: 9_000 });
    const before = clock.monotonicMs();
    await host.ask('DMS', 0x21);
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(9_000);
  });

  it('takes any bytes', () => {
    const { host } = table();
    for (const bytes of [[], [1], [1, 0xff, 0xff], [2, 3, 4, 5, 6, 7, 8, 9, 10]]) host.peer.receive(Uint8Array.from(bytes));
  });
});
