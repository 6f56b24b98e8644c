import { seededRandom } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { createCoreNetwork } from '../core-network/create-core-network.ts';
import { formatAddress, parseAddress } from '../ip/address.ts';
import { buildIpv4, parseIpv4, protocols } from '../ip/ipv4.ts';
import type { DefinedContext } from '../modem/modem-state.ts';
import { bench, benchNetwork, connect, imsi } from '../testing/bench.ts';
import { createPppHost, type HostManner, protocolReject } from '../testing/ppp-host.ts';
import { codes } from './control-packet.ts';
import { pppProtocols } from './ppp-peer.ts';

const { lcp, ipcp, ipv6cp, ipv4 } = pppProtocols;
const chap: HostManner = { auth: 'chap', username: 'gate', password: 'keep' };

/** A modem that was dialled on its PPP port by a host with this manner; some seconds later. */
async function call(accessPoint: string, manner: HostManner = chap, options: { type?: DefinedContext['type']; waitMs?: number } = {}) {
  const out: Uint8Array[] = [];
  const exit = { send: (packet: Uint8Array) => void out.push(packet), onPacket: () => () => undefined };
  const core = createCoreNetwork({ exit, clock: { monotonicMs: () => 0 }, random: seededRandom(1) });
  const table = bench('bg96', { network: benchNetwork(core), contexts: { 1: { type: options.type ?? 'IP', accessPoint } } });
  const console = connect(table.modem, table.clock, 'ppp');
  const host = createPppHost(manner, (bytes) => void console.port.write(bytes));
  console.port.onData((bytes) => host.receive(bytes));
  await console.say('ATD*99***1#', options.waitMs ?? 8_000);
  const later = (ms: number) => table.clock.advance(ms);
  return { ...table, console, host, core, out, later, ended: () => console.heard().endsWith('\r\nNO CARRIER\r\n') };
}

function echo(from: string, to: string): Uint8Array {
  const payload = Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0);
  const address = (text: string) => parseAddress(text) ?? new Uint8Array(4);
  return buildIpv4({ source: address(from), destination: address(to), protocol: protocols.icmp, payload });
}

describe('a call', () => {
  it('ends up with the address and resolvers of the bearer, and carries packets both ways', async () => {
    const { modem, host, later, out } = await call('fleet.north');
    const grant = modem.state.running.bearers.get(1)?.grant;
    const told = [3, 129, 131].map((type) => formatAddress(host.granted(ipcp, type) ?? new Uint8Array(4)));
    expect(told).toEqual([grant?.addresses[0], ...(grant?.dns ?? [])]);
    host.packet(ipv4, echo(told[0] ?? '', grant?.gateway ?? ''));
    await later(100);
    const reply = host.packets().filter(({ protocol }) => protocol === ipv4)[0];
    expect(parseIpv4(reply?.information ?? new Uint8Array())?.payload[0]).toBe(0);
    host.packet(ipv4, echo(told[0] ?? '', '203.0.113.9'));
    expect(out).toHaveLength(1);
  });

  it('rejects header compression and what it does not know, and answers echoes of a link that is up', async () => {
    const { host, later } = await call('fleet.north');
    expect(host.heard()).toContain(`${ipcp.toString(16)}/${codes.configureReject}`);
    expect(host.granted(ipcp, 2)).toBeUndefined();
    host.say(lcp, { code: codes.echoRequest, id: 77, data: Uint8Array.of(1, 2, 3, 4, 9) });
    host.packet(0x80fd, Uint8Array.of(1, 1, 0, 4));
    host.say(lcp, { code: 99, id: 5, data: new Uint8Array() });
    await later(100);
    expect(host.heard().slice(-3)).toEqual([codes.echoReply, codes.protocolReject, codes.codeReject].map((code) => `c021/${code}`));
    expect(host.packets().at(-3)?.information[8]).toBe(9);
  });

  it('has IPv6 beside IPv4 or alone, as the bearer has', async () => {
    const both = await call('fleet.dual', chap, { type: 'IPV4V6' });
    expect(both.host.granted(ipv6cp, 1)?.some((byte) => byte !== 0)).toBe(true);
    expect(both.host.granted(ipcp, 3)).toBeDefined();
    const alone = await call('fleet.dual', chap, { type: 'IPV6' });
    expect(alone.host.granted(ipv6cp, 1)).toBeDefined();
    expect(alone.host.granted(ipcp, 3)).toBeUndefined();
  });

  it('goes on over IPv4 where the host knows no IPv6', async () => {
    const { host, later, ended } = await call('fleet.dual', { ...chap, asks: { [ipv6cp]: [] } }, { type: 'IPV4V6' });
    host.say(lcp, protocolReject(ipv6cp));
    await later(40_000);
    expect(ended()).toBe(false);
    expect(host.granted(ipcp, 3)).toBeDefined();
  });

  it('tells a small MTU of the access point as its MRU', async () => {
    const { host, network, later, console } = await call('fleet.island', chap, { waitMs: 0 });
    network.putAccessPoint({ name: 'fleet.island', ipTypes: ['ipv4'], mtu: 1_400 });
    await later(5_000);
    host.say(lcp, { code: codes.terminateRequest, id: 1, data: new Uint8Array() });
    await later(5_000);
    network.release(imsi);
    await console.say('ATD*99***1#', 8_000);
    const requests = host.packets().filter(({ protocol, information }) => protocol === lcp && information[0] === codes.configureRequest);
    expect([...(requests.at(-1)?.information.subarray(4, 8) ?? [])]).toEqual([1, 4, 0x05, 0x78]);
  });
});

describe('credentials', () => {
  it.each(['chap', 'pap'] as const)('of the access point are taken by %s', async (auth) => {
    const { modem, host, ended } = await call('fleet.secret', { ...chap, auth });
    expect(host.granted(ipcp, 3)).toBeDefined();
    expect(modem.state.running.bearers.get(1)?.grant.accessPoint).toMatch(/^fleet\.secret/);
    expect(ended()).toBe(false);
  });

  it.each([
    ['chap', 'c223/4'],
    ['pap', 'c023/3'],
  ] as const)('that are wrong are refused by %s, with cause 29, and the modem hangs up', async (auth, refusal) => {
    const { modem, host, ended } = await call('fleet.secret', { auth, username: 'gate', password: 'lose' });
    expect(host.heard()).toContain(refusal);
    expect(ended()).toBe(true);
    expect(modem.state.running.lastCause).toBe(29);
    expect(modem.dataLink()).toBeNull();
  });

  it('that nobody gives end the call only where the access point asks for them', async () => {
    const open = await call('fleet.north', { auth: 'none' });
    expect(open.host.granted(ipcp, 3)).toBeDefined();
    const secret = await call('fleet.secret', { auth: 'none' });
    expect(secret.ended()).toBe(true);
    expect(secret.modem.state.running.lastCause).toBe(29);
  });

  it('that are stored and wrong refuse the dial itself, as an unknown APN does', async () => {
    const { modem, clock } = bench('bg96', { contexts: { 1: { type: 'IP', accessPoint: 'fleet.secret' } } });
    const console = connect(modem, clock, 'ppp');
    await console.say('AT+CGAUTH=1,2,"gate","lose"');
    expect(await console.say('ATD*99#')).toContain('NO CARRIER');
    await console.say('AT+CGDCONT=1,"IP","fleet.nowhere"');
    await console.say('AT+CGAUTH=1,0');
    expect(await console.say('ATD*99#')).toContain('NO CARRIER');
    expect(modem.state.running.lastCause).toBe(27);
  });
});

describe('a call ends', () => {
  it('when the host terminates it, and can be dialled again', async () => {
    const { modem, host, later, ended, console } = await call('fleet.north');
    host.say(lcp, { code: codes.terminateRequest, id: 4, data: new Uint8Array() });
    await later(1_000);
    expect(host.heard().at(-1)).toBe(`c021/${codes.terminateAck}`);
    expect(ended()).toBe(true);
    expect(modem.state.running.pppCall).toBeNull();
    expect(await console.say('ATD*99#', 8_000)).toContain('CONNECT');
    expect(modem.dataLink()).toMatchObject({ mode: 'ppp' });
  });

  it('when the peer terminates it by LCP', async () => {
    const { modem, clock } = bench('bg96');
    modem.misbehave({ kind: 'lcp-terminates', afterMs: 5_000 });
    const console = connect(modem, clock, 'ppp');
    const host = createPppHost(chap, (bytes) => void console.port.write(bytes));
    console.port.onData((bytes) => host.receive(bytes));
    await console.say('ATD*99#', 3_000);
    expect(modem.state.running.pppCall).not.toBeNull();
    await clock.advance(5_000);
    expect(host.heard()).toContain(`c021/${codes.terminateRequest}`);
    expect(console.heard().endsWith('\r\nNO CARRIER\r\n')).toBe(true);
  });

  it('at once when the network releases the bearer, without a word of PPP', async () => {
    const { host, network, later, ended } = await call('fleet.north');
    const before = host.heard().length;
    network.release(imsi);
    await later(100);
    expect(ended()).toBe(true);
    expect(host.heard()).toHaveLength(before);
  });
});

describe('a peer that fell silent', () => {
  it('says nothing from the beginning, then speaks when that ends', async () => {
    const { modem, clock } = bench('bg96');
    const speakAgain = modem.misbehave({ kind: 'lcp-silent' });
    const console = connect(modem, clock, 'ppp');
    expect((await console.say('ATD*99#', 5_000)).endsWith('CONNECT 150000000\r\n')).toBe(true);
    speakAgain();
    await clock.advance(5_000);
    expect(console.heard()).toContain('~');
  });

  it('answers no echo and passes no packet any more, and keeps the call', async () => {
    const { modem, host, later, ended } = await call('fleet.north');
    modem.misbehave({ kind: 'lcp-black-hole' });
    const before = host.heard().length;
    host.say(lcp, { code: codes.echoRequest, id: 77, data: Uint8Array.of(1, 2, 3, 4) });
    host.packet(ipv4, echo(modem.dataLink()?.addresses[0] ?? '', modem.dataLink()?.gateway ?? ''));
    await later(60_000);
    expect(host.heard()).toHaveLength(before);
    expect(ended()).toBe(false);
  });

  it('keeps the call of a host that never speaks PPP, and no timer', async () => {
    const { modem, clock } = bench('bg96');
    await connect(modem, clock, 'ppp').say('ATD*99#', 120_000);
    expect(modem.dataLink()).toMatchObject({ mode: 'ppp' });
    expect(clock.nextDueMs()).toBeNull();
  });
});

describe('a call that was escaped from by +++', () => {
  it('says nothing into command mode and goes on with ATO', async () => {
    const { host, later, console, modem } = await call('fleet.north');
    await later(1_500);
    await console.port.write(new TextEncoder().encode('+++'));
    await later(1_500);
    expect(console.heard().endsWith('\r\nOK\r\n')).toBe(true);
    await console.say('ATO');
    host.say(lcp, { code: codes.echoRequest, id: 77, data: Uint8Array.of(1, 2, 3, 4) });
    await later(100);
    expect(host.heard().at(-1)).toBe(`c021/${codes.echoReply}`);
    expect(modem.dataLink()).not.toBeNull();
  });
});
