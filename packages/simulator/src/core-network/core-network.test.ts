import { manualClock, seededRandom } from '@towline/kit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, formatAddress, parseAddress, uint16Bytes } from '../ip/address.ts';
import { internetChecksum } from '../ip/checksum.ts';
import { buildIpv4, parseIpv4, protocols } from '../ip/ipv4.ts';
import { buildIpv6, parseIpv6 } from '../ip/ipv6.ts';
import { buildIcmpv6, buildUdp, parseUdp } from '../ip/transport.ts';
import type { CoreBearer } from './core-network.ts';
import { createCoreNetwork } from './create-core-network.ts';
import { answerQuery } from './domain-names.ts';

const address = (text: string): Uint8Array => parseAddress(text) ?? new Uint8Array();

/** A core with an exit that keeps what comes out of it. */
function benchCore() {
  const clock = manualClock();
  const out: Uint8Array[] = [];
  let inject: (packet: Uint8Array) => void = () => undefined;
  const core = createCoreNetwork({
    clock,
    random: seededRandom(1),
    names: { 'control.example': ['203.0.113.9', '2001:db8:cafe::9'] },
    exit: {
      send: (packet) => out.push(packet),
      onPacket(listen) {
        inject = listen;
        return () => undefined;
      },
    },
  });
  const attach = (bearer: Partial<CoreBearer> = {}) => {
    const heard: Uint8Array[] = [];
    const attachment = core.attach({
      addresses: ['10.1.0.2'],
      gateway: '10.1.0.1',
      dns: ['192.0.2.53'],
      ipv6: null,
      mtu: 1_500,
      reaches: () => true,
      ...bearer,
    });
    attachment.onPacket((packet) => heard.push(packet));
    return { attachment, heard };
  };
  return { clock, core, out, attach, fromExit: (packet: Uint8Array) => inject(packet) };
}

function datagram(from: string, to: string, text: string, ports: readonly [number, number] = [4_000, 7]): Uint8Array {
  const data = new TextEncoder().encode(text);
  return buildUdp({ source: address(from), destination: address(to) }, { sourcePort: ports[0], destinationPort: ports[1], data });
}

/** From, to and text of a datagram. */
function told(packet: Uint8Array | undefined): readonly [string, string, string] | null {
  const ip = packet && (parseIpv4(packet) ?? parseIpv6(packet));
  const udp = ip && parseUdp(ip.payload, ip);
  return ip && udp ? [formatAddress(ip.source), formatAddress(ip.destination), new TextDecoder().decode(udp.data)] : null;
}

function query(name: string, type: number): Uint8Array {
  const labels = name.split('.').flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  return concatBytes(uint16Bytes(0x1234, 0x0100, 1, 0, 0, 0), Uint8Array.from([...labels, 0]), uint16Bytes(type, 1));
}

describe('two bearers with the same private address', () => {
  it('go out under addresses of their own and get their own answers', () => {
    const { attach, out, fromExit } = benchCore();
    const [first, second] = [attach(), attach()];
    first.attachment.send(datagram('10.1.0.2', '203.0.113.9', 'one'));
    second.attachment.send(datagram('10.1.0.2', '203.0.113.9', 'two'));
    expect(out.map(told)).toEqual([
      ['198.18.1.1', '203.0.113.9', 'one'],
      ['198.18.1.2', '203.0.113.9', 'two'],
    ]);
    fromExit(datagram('203.0.113.9', '198.18.1.2', 'for two', [7, 4_000]));
    expect(first.heard).toEqual([]);
    expect(second.heard.map(told)).toEqual([['203.0.113.9', '10.1.0.2', 'for two']]);
  });
});

describe('the core', () => {
  it('lets nothing in that nobody asked for, and forgets a conversation that fell silent', async () => {
    const { attach, clock, fromExit } = benchCore();
    const { attachment, heard } = attach();
    const answer = datagram('203.0.113.9', '198.18.1.1', 'hello', [7, 4_000]);
    fromExit(answer);
    expect(heard).toEqual([]);
    attachment.send(datagram('10.1.0.2', '203.0.113.9', 'ask'));
    fromExit(answer);
    expect(heard).toHaveLength(1);
    fromExit(datagram('203.0.113.9', '198.18.1.1', 'other port', [8, 4_000]));
    await clock.advance(300_001);
    fromExit(answer);
    expect(heard).toHaveLength(1);
    expect(attachment.traffic().dropped).toEqual({ 'no-flow': 3 });
  });

  it('hands an error about what was sent back to the one that sent it', () => {
    const { attach, out, fromExit } = benchCore();
    const { attachment, heard } = attach();
    attachment.send(datagram('10.1.0.2', '203.0.113.9', 'too far'));
    const quote = (out[0] ?? new Uint8Array()).slice(0, 28);
    const message = concatBytes(Uint8Array.of(3, 1, 0, 0, 0, 0, 0, 0), quote);
    message.set(uint16Bytes(internetChecksum(message)), 2);
    const source = address('198.51.100.1');
    fromExit(buildIpv4({ source, destination: address('198.18.1.1'), protocol: protocols.icmp, payload: message }));
    const [error] = heard.map(parseIpv4);
    expect(internetChecksum(error?.payload ?? new Uint8Array(1))).toBe(0);
    const inner = error?.payload.slice(8) ?? new Uint8Array();
    expect(formatAddress(inner.slice(12, 16))).toBe('10.1.0.2');
    expect(internetChecksum(inner.slice(0, 20))).toBe(0);
  });

  it('drops what the access point does not reach, by name or address, and counts it', () => {
    const { attach, out } = benchCore();
    const byName = attach({ reaches: (host) => host === 'control.example' });
    byName.attachment.send(datagram('10.1.0.2', '203.0.113.9', 'here'));
    byName.attachment.send(datagram('10.1.0.2', '203.0.113.10', 'there'));
    byName.attachment.send(datagram('10.9.9.9', '203.0.113.9', 'not mine'));
    byName.attachment.send(Uint8Array.of(1, 2, 3));
    byName.attachment.send(new Uint8Array(1_501));
    expect(out).toHaveLength(1);
    expect(byName.attachment.traffic()).toMatchObject({
      up: { packets: 5 },
      dropped: { barred: 1, 'wrong-source': 1, malformed: 1, 'too-big': 1 },
    });
  });

  it('answers echoes at its gateway and names at its resolvers', () => {
    const { attach, out } = benchCore();
    const { attachment, heard } = attach();
    const ping = Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0);
    attachment.send(buildIpv4({ source: address('10.1.0.2'), destination: address('10.1.0.1'), protocol: protocols.icmp, payload: ping }));
    expect(parseIpv4(heard[0] ?? new Uint8Array())?.payload[0]).toBe(0);
    const ask = buildUdp(
      { source: address('10.1.0.2'), destination: address('192.0.2.53') },
      { sourcePort: 4_000, destinationPort: 53, data: query('Control.Example', 1) },
    );
    attachment.send(ask);
    const answer = parseIpv4(heard[1] ?? new Uint8Array());
    const data = answer && parseUdp(answer.payload, answer)?.data;
    expect(data?.slice(-4)).toEqual(Uint8Array.of(203, 0, 113, 9));
    expect(out).toEqual([]);
  });

  it('advertises itself to an IPv6 host and forwards its packets as they are', () => {
    const { attach, out, fromExit } = benchCore();
    const ipv6 = { gateway: 'fe80::1', dns: ['2001:db8:53::1'] };
    const { attachment, heard } = attach({ addresses: ['2001:db8:1:2::1'], ipv6, mtu: 1_430 });
    const local = { source: address('fe80::99'), destination: address('ff02::2') };
    attachment.send(buildIcmpv6(local, Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0)));
    const advertisement = parseIpv6(heard[0] ?? new Uint8Array());
    expect(advertisement?.payload[0]).toBe(134);
    expect(advertisement?.hopLimit).toBe(255);
    attachment.send(datagram('2001:db8:1:2:aaaa::7', '2001:db8:cafe::9', 'six'));
    expect(told(out[0])).toEqual(['2001:db8:1:2:aaaa::7', '2001:db8:cafe::9', 'six']);
    fromExit(datagram('2001:db8:cafe::9', '2001:db8:1:2:aaaa::7', 'back', [7, 4_000]));
    expect(told(heard[1])?.[2]).toBe('back');
    attachment.send(datagram('2001:db8:1:3::7', '2001:db8:cafe::9', 'not my prefix'));
    expect(out).toHaveLength(1);
  });

  it('loses packets on command, some or all, of one bearer or of every one', () => {
    const { attach, core, out } = benchCore();
    const [first, second] = [attach(), attach({ addresses: ['10.1.0.3'] })];
    const end = core.impair({ kind: 'black-hole', address: '10.1.0.3' });
    first.attachment.send(datagram('10.1.0.2', '203.0.113.9', 'through'));
    second.attachment.send(datagram('10.1.0.3', '203.0.113.9', 'gone'));
    expect(out).toHaveLength(1);
    end();
    core.impair({ kind: 'loss', share: 0.5 });
    for (let turn = 0; turn < 200; turn += 1) second.attachment.send(datagram('10.1.0.3', '203.0.113.9', 'perhaps'));
    expect(out.length).toBeGreaterThan(60);
    expect(out.length).toBeLessThan(140);
  });

  it('loses what is picked among packets towards the host, and nothing else', () => {
    const { attach, core, out, fromExit } = benchCore();
    const { attachment, heard } = attach();
    attachment.send(datagram('10.1.0.2', '203.0.113.9', 'ask'));
    const end = core.impair({ kind: 'picks', drops: (packet) => Buffer.from(packet).includes('confirm') });
    attachment.send(datagram('10.1.0.2', '203.0.113.9', 'confirm me'));
    const answer = (text: string) => fromExit(datagram('203.0.113.9', '198.18.1.1', text, [7, 4_000]));
    answer('a confirm');
    answer('another');
    end();
    answer('a late confirm');
    expect(out).toHaveLength(2);
    expect(heard.map((packet) => told(packet)?.[2])).toEqual(['another', 'a late confirm']);
    expect(attachment.traffic().dropped).toEqual({ lost: 1 });
  });

  it('gives the address of a bearer that ended to another only after all others', () => {
    const { attach, core, out } = benchCore();
    const { attachment } = attach();
    attachment.close();
    attachment.send(datagram('10.1.0.2', '203.0.113.9', 'late'));
    expect(out).toEqual([]);
    expect(core.traffic()).toEqual([]);
    for (let turn = 2; turn <= 250; turn += 1) expect(attach().attachment.traffic().exitAddress).toBe(`198.18.1.${turn}`);
    expect(attach().attachment.traffic().exitAddress).toBe('198.18.1.1');
    const none = attach();
    none.attachment.send(datagram('10.1.0.2', '203.0.113.9', 'nowhere'));
    expect(none.attachment.traffic().dropped).toEqual({ 'no-exit': 1 });
  });

  it('takes anything from host and exit without throwing', () => {
    fc.assert(
      fc.property(fc.constantFrom(0x45, 0x4f, 0x60, 0), fc.uint8Array({ maxLength: 120 }), (first, rest) => {
        const { attach, fromExit } = benchCore();
        const packet = Uint8Array.of(first, ...rest);
        attach({ addresses: ['10.1.0.2', '2001:db8::1'] }).attachment.send(packet);
        fromExit(packet);
      }),
    );
  });
});

describe('a resolver', () => {
  const names = new Map([['control.example', ['203.0.113.9']]]);
  const code = (answer: Uint8Array | null) => (answer?.[3] ?? 0xff) & 0x0f;
  const answers = (answer: Uint8Array | null) => answer?.[7];

  it('says which names there are and which there are not', () => {
    expect([code(answerQuery(query('control.example', 1), names)), answers(answerQuery(query('control.example', 1), names))]).toEqual([
      0, 1,
    ]);
    expect([code(answerQuery(query('control.example', 28), names)), answers(answerQuery(query('control.example', 28), names))]).toEqual([
      0, 0,
    ]);
    expect(code(answerQuery(query('elsewhere.example', 1), names))).toBe(3);
  });

  it('refuses what it cannot read and is silent to answers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const answer = answerQuery(bytes, names);
        if (bytes.length < 12 || (bytes[2] ?? 0) >= 0x80) expect(answer).toBeNull();
        else expect(answer?.[2] ?? 0).toBeGreaterThanOrEqual(0x80);
      }),
    );
  });

  it('leaves an IPv6 packet that is no datagram alone', () => {
    const { attach } = benchCore();
    const { attachment } = attach({ addresses: ['2001:db8:1:2::1'], ipv6: { gateway: 'fe80::1', dns: ['2001:db8:53::1'] } });
    const ends = { source: address('2001:db8:1:2::1'), destination: address('2001:db8:53::1') };
    attachment.send(buildIpv6({ ...ends, nextHeader: 6, hopLimit: 64, payload: new Uint8Array(20) }));
    expect(attachment.traffic().dropped).toEqual({ barred: 1 });
  });
});
