import { describe, expect, it } from 'vitest';
import type { SimulatedModemOptions } from '../modem/simulated-modem.ts';
import { simulatedSim } from '../modem/simulated-sim.ts';
import { encodeQmux } from '../qmi/qmux.ts';
import { bench, connect as connectPort, imsi } from '../testing/bench.ts';
import { mbimHost } from '../testing/mbim-host.ts';
import { messageTypes } from './mbim-message.ts';
import { mbimStatus } from './mbim-status.ts';
import { MbimStruct, MbimStructReader } from './mbim-struct.ts';
import { contextTypes, mbimServices } from './uuid.ts';

const cid = { ready: 2, radio: 3, pin: 4, register: 9, packetService: 10, connect: 12, provisioned: 13, ipConfiguration: 15 } as const;

async function table(model = 'em7565', options: Partial<SimulatedModemOptions> & { maxTransfer?: number } = {}) {
  const on = bench(model, { dataMode: 'mbim', ...options });
  const host = mbimHost(on.modem, on.clock, options.maxTransfer);
  await host.open();
  return { ...on, host };
}

interface Wish {
  readonly accessPoint?: string;
  readonly session?: number;
  readonly username?: string;
  readonly password?: string;
  readonly type?: number;
  readonly command?: number;
}

function connect(wish: Wish) {
  const { accessPoint = 'fleet.north', session = 0, username = '', password = '', type = 1, command = 1 } = wish;
  const struct = new MbimStruct().u32(session).u32(command).text(accessPoint).text(username).text(password);
  return {
    set: struct
      .u32(0)
      .u32(username === '' ? 0 : 1)
      .u32(type)
      .uuid(contextTypes.internet)
      .done(),
  };
}

/** Activation state and network error. */
function connection(buffer: Uint8Array | undefined) {
  const reader = new MbimStructReader(buffer ?? new Uint8Array());
  reader.u32();
  const state = reader.u32();
  reader.bytes(24);
  return [state, reader.u32()];
}

const session0 = { query: new MbimStruct().u32(0).done() };

describe('a session over MBIM', () => {
  it('brings the addresses that the network gave', async () => {
    const { host, modem } = await table();
    const reply = await host.ask(cid.connect, connect({ accessPoint: 'fleet.dual', type: 3 }));
    expect([reply?.status, ...connection(reply?.buffer)]).toEqual([0, 1, 0]);
    const buffer = (await host.ask(cid.ipConfiguration, session0))?.buffer ?? new Uint8Array();
    const view = new DataView(buffer.buffer, buffer.byteOffset);
    const ipv4 = buffer.subarray(view.getUint32(16, true) + 4, view.getUint32(16, true) + 8).join('.');
    expect([view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)]).toEqual([0xf, 0xf, 1]);
    expect(modem.dataLink()?.addresses).toContain(ipv4);
    expect(view.getUint32(52, true)).toBe(1_500);
  });

  it.each([
    ['nowhere', mbimStatus.invalidAccessString, 27],
    ['fleet.other', mbimStatus.serviceNotActivated, 33],
    ['fleet.barred', mbimStatus.failure, 8],
    ['fleet.secret', mbimStatus.invalidUserNamePassword, 29],
  ])('to %s fails with the cause of the network', async (accessPoint, status, cause) => {
    const { host } = await table();
    const reply = await host.ask(cid.connect, connect({ accessPoint }));
    expect([reply?.status, ...connection(reply?.buffer)]).toEqual([status, 3, cause]);
    expect(connection((await host.ask(cid.connect, session0))?.buffer)).toEqual([3, cause]);
  });

  it('takes user and password', async () => {
    const { host } = await table();
    const reply = await host.ask(cid.connect, connect({ accessPoint: 'fleet.secret', username: 'gate', password: 'keep' }));
    expect(reply?.status).toBe(0);
  });

  it('ends on request, with the channel, and when the network ends it', async () => {
    const { host, modem, network, clock } = await table();
    await host.ask(cid.connect, connect({ accessPoint: 'fleet.dual' }));
    expect((await host.ask(cid.connect, connect({ command: 0 })))?.status).toBe(0);
    expect(modem.dataLink()).toBeNull();
    expect((await host.ask(cid.connect, connect({ command: 0 })))?.status).toBe(mbimStatus.contextNotActivated);
    await host.ask(cid.connect, connect({ accessPoint: 'fleet.dual' }));
    const before = host.indicated().length;
    network.release(imsi);
    await clock.advance(50);
    expect(host.indicated().slice(before)).toContain(cid.connect);
    expect(connection((await host.ask(cid.connect, session0))?.buffer)[0]).toBe(3);
    await host.ask(cid.connect, connect({ accessPoint: 'fleet.dual' }));
    await host.close();
    expect(modem.dataLink()).toBeNull();
  });

  it('stands beside another one with another APN', async () => {
    const { host, modem } = await table();
    expect((await host.ask(cid.connect, connect({ accessPoint: 'fleet.dual', session: 0 })))?.status).toBe(0);
    expect((await host.ask(cid.connect, connect({ accessPoint: 'fleet.island', session: 1 })))?.status).toBe(0);
    expect(modem.state.running.bearers.size).toBe(3);
    expect((await host.ask(cid.connect, connect({ accessPoint: 'fleet.other', session: 0 })))?.status).toBe(
      mbimStatus.maxActivatedContexts,
    );
  });
});

describe('a modem that cannot connect', () => {
  it('says which of registration, radio and card is missing', async () => {
    const { host, modem, network, clock } = await table();
    network.setOutage(true);
    expect((await host.ask(cid.connect, connect({})))?.status).toBe(mbimStatus.notRegistered);
    await host.ask(cid.radio, { set: new MbimStruct().u32(0).done() });
    expect((await host.ask(cid.connect, connect({})))?.status).toBe(mbimStatus.radioPowerOff);
    modem.removeSim();
    await clock.advance(50);
    expect((await host.ask(cid.connect, connect({})))?.status).toBe(mbimStatus.simNotInserted);
    expect(host.indicated()).toEqual(expect.arrayContaining([cid.register, cid.radio, cid.ready]));
  });

  it('takes the PIN and counts wrong ones', async () => {
    const sim = simulatedSim({ iccid: '8900101000000000071', imsi, pin: '1234' });
    const { host, modem, clock } = await table('mc7455', { sim });
    const enter = (pin: string) => ({ set: new MbimStruct().u32(2).u32(0).text(pin).text('').done() });
    const wrong = await host.ask(cid.pin, enter('1111'));
    expect([wrong?.status, new DataView(wrong?.buffer.slice().buffer ?? new ArrayBuffer(12)).getUint32(8, true)]).toEqual([
      mbimStatus.failure,
      2,
    ]);
    expect((await host.ask(cid.connect, connect({})))?.status).toBe(mbimStatus.pinRequired);
    expect((await host.ask(cid.pin, enter('1234')))?.status).toBe(0);
    await clock.advance(10_000);
    expect([modem.state.running.registration, sim.wrongTries()]).toEqual([1, 1]);
  });
});

describe('the channel', () => {
  it('must be open', async () => {
    const { modem, clock } = bench('em7565', { dataMode: 'mbim' });
    const host = mbimHost(modem, clock);
    await host.ask(cid.ready);
    expect(host.heard[0]).toMatchObject({ type: messageTypes.functionError, payload: Uint8Array.of(5, 0, 0, 0) });
  });

  it('carries the same in fragments of 64 bytes', async () => {
    const large = await table('em7565');
    const small = await table('em7565', { maxTransfer: 64 });
    for (const number of [1, cid.ready, cid.register, 16])
      expect((await small.host.ask(number))?.buffer).toEqual((await large.host.ask(number))?.buffer);
    const password = 'p'.repeat(60);
    expect((await small.host.ask(cid.connect, connect({ accessPoint: 'fleet.dual', username: 'u', password })))?.status).toBe(0);
  });

  it('carries QMI', async () => {
    const { host } = await table();
    const sync = encodeQmux({ service: 0, client: 0, kind: 'request', transaction: 3, id: 0x27, tlvs: [] }, 'host');
    const reply = await host.ask(1, { service: mbimServices.qmi, set: sync });
    expect(reply?.buffer).toEqual(
      encodeQmux(
        { service: 0, client: 0, kind: 'response', transaction: 3, id: 0x27, tlvs: [{ type: 2, value: new Uint8Array(4) }] },
        'modem',
      ),
    );
  });

  it('says that it lacks a command', async () => {
    const { host } = await table();
    expect((await host.ask(99))?.status).toBe(mbimStatus.noDeviceSupport);
  });

  it('may be silent or late, and is closed after a reset', async () => {
    const { host, modem, clock } = await table();
    const end = modem.misbehave({ kind: 'mbim-silent' });
    expect(await host.ask(cid.ready)).toBeNull();
    end();
    modem.misbehave({ kind: 'mbim-late', byMs: 9_000 });
    const before = clock.monotonicMs();
    expect((await host.ask(cid.ready))?.status).toBe(0);
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(9_000);
    modem.restart();
    await clock.advance(60_000);
    await host.ask(cid.ready);
    expect(host.heard.at(-1)?.type).toBe(messageTypes.functionError);
  });
});

describe('one state behind MBIM and AT', () => {
  it('shows a context written by one to the other', async () => {
    const { host, modem, clock } = await table('mc7455');
    const struct = new MbimStruct().u32(1).uuid(contextTypes.internet).text('fleet.dual').text('').text('').u32(0).u32(0).text('');
    expect((await host.ask(cid.provisioned, { set: struct.done() }))?.status).toBe(0);
    expect((await connectPort(modem, clock).ask('AT+CGDCONT?')).join()).toContain('"fleet.dual"');
  });
});
