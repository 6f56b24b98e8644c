import { seededRandom } from '@towline/kit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BearerTraffic, createCoreNetwork } from '../index.ts';
import { concatBytes, formatAddress, parseAddress, uint16Bytes, uint32Bytes } from '../ip/address.ts';
import { buildIpv4, parseIpv4, protocols } from '../ip/ipv4.ts';
import { parseIpv6 } from '../ip/ipv6.ts';
import { sharedPrefixLength, subnetMask } from '../ip/subnet.ts';
import { buildIcmpv6, buildUdp, parseUdp } from '../ip/transport.ts';
import { bench, benchNetwork, connect, imsi } from '../testing/bench.ts';
import { parseDhcpRequest } from './dhcp-message.ts';
import { createEthernetSide } from './ethernet-side.ts';
import { broadcastMac, buildFrame, etherTypes, parseFrame } from './frame.ts';
import { networkFunctionUplink } from './uplink.ts';

const address = (text: string): Uint8Array => parseAddress(text) ?? new Uint8Array();
const modemMac = Uint8Array.of(2, 0, 0, 0, 0, 1);
const hostMac = Uint8Array.of(2, 0, 0, 0, 0, 2);

/** A modem of this model with its network function up, on a core with an exit that keeps what comes out. */
async function wire(model: string, accessPoint: string, dataMode: 'ecm' | 'rndis' = 'ecm') {
  const out: Uint8Array[] = [];
  let inject: (packet: Uint8Array) => void = () => undefined;
  const exit = {
    send: (packet: Uint8Array) => void out.push(packet),
    onPacket(listen: (packet: Uint8Array) => void) {
      inject = listen;
      return () => undefined;
    },
  };
  const core = createCoreNetwork({
    exit,
    clock: { monotonicMs: () => 0 },
    random: seededRandom(1),
    names: { 'control.example': ['203.0.113.9'] },
  });
  const type = accessPoint === 'fleet.dual' ? 'IPV4V6' : 'IP';
  const table = bench(model, { network: benchNetwork(core), contexts: { 1: { type, accessPoint } }, dataMode });
  if (model === 'ec200a') await connect(table.modem, table.clock).say('AT+QNETDEVCTL=1,1,1');
  const side = createEthernetSide({ mac: modemMac, uplink: networkFunctionUplink(table.modem), behaviours: table.modem.behaviours });
  const frames: Uint8Array[] = [];
  side.onFrame((frame) => frames.push(frame));
  const say = (type: number, payload: Uint8Array, destination = modemMac) => {
    frames.length = 0;
    side.receive(buildFrame({ destination, source: hostMac, type, payload }));
    return frames.map(parseFrame);
  };
  return { ...table, core, out, side, say, frames, fromExit: (packet: Uint8Array) => inject(packet) };
}

function dhcp(type: number, options: readonly (readonly [number, Uint8Array])[] = [], client = '0.0.0.0'): Uint8Array {
  const head = concatBytes(Uint8Array.of(1, 1, 6, 0), uint32Bytes(0xabcd), uint16Bytes(0, 0), address(client), new Uint8Array(12), hostMac);
  const fixed = concatBytes(head, new Uint8Array(202), Uint8Array.of(99, 130, 83, 99, 53, 1, type));
  const data = concatBytes(fixed, ...options.map(([code, value]) => Uint8Array.of(code, value.length, ...value)), Uint8Array.of(255));
  const ends = { source: address(client), destination: address('255.255.255.255') };
  return buildUdp(ends, { sourcePort: 68, destinationPort: 67, data });
}

/** Type, address and options of the server's message in a frame. */
function given(frame: ReturnType<typeof parseFrame> | undefined) {
  const ip = frame && parseIpv4(frame.payload);
  const message = ip && parseUdp(ip.payload, ip)?.data;
  if (!message) return null;
  const asRequest = message.slice();
  asRequest[0] = 1;
  const parsed = parseDhcpRequest(asRequest);
  const option = (code: number) => formatAddress(parsed?.options.get(code) ?? new Uint8Array(4));
  return {
    type: parsed?.type,
    address: formatAddress(message.subarray(16, 20)),
    mask: option(1),
    router: option(3),
    dns: option(6),
    parsed,
  };
}

describe('a host on the wire of an EC200A', () => {
  it('gets the address of the module by DHCP, not the one of the operator', async () => {
    const { say, modem } = await wire('ec200a', 'fleet.north');
    const [offer] = say(etherTypes.ipv4, dhcp(1), broadcastMac);
    expect(offer?.destination).toEqual(broadcastMac);
    expect(given(offer)).toMatchObject({
      type: 2,
      address: '192.168.43.100',
      mask: '255.255.255.0',
      router: '192.168.43.1',
      dns: '192.168.43.1',
    });
    const [ack] = say(etherTypes.ipv4, dhcp(3, [[50, address('192.168.43.100')]]), broadcastMac);
    expect(given(ack)?.type).toBe(5);
    expect(given(ack)?.parsed?.options.get(26)).toEqual(uint16Bytes(1_500));
    expect(modem.state.running.bearers.get(1)?.grant.addresses).not.toContain('192.168.43.100');
  });

  it('is refused the address that it had elsewhere, renews its own, and leaves other servers alone', async () => {
    const { say } = await wire('ec200a', 'fleet.north');
    expect(given(say(etherTypes.ipv4, dhcp(3, [[50, address('10.0.0.9')]]))[0])?.type).toBe(6);
    expect(given(say(etherTypes.ipv4, dhcp(3, [], '192.168.43.100'))[0])?.type).toBe(5);
    expect(say(etherTypes.ipv4, dhcp(3, [[54, address('10.0.0.1')]]))).toEqual([]);
    expect(say(etherTypes.ipv4, dhcp(7))).toEqual([]);
  });

  it('asks the module for names and pings it, and goes out under the address of the operator', async () => {
    const { say, out, fromExit, frames, core } = await wire('ec200a', 'fleet.north');
    const name = Uint8Array.of(7, ...new TextEncoder().encode('control'), 7, ...new TextEncoder().encode('example'), 0, 0, 1, 0, 1);
    const data = concatBytes(uint16Bytes(7, 0x100, 1, 0, 0, 0), name);
    const ask = { source: address('192.168.43.100'), destination: address('192.168.43.1') };
    const [answer] = say(etherTypes.ipv4, buildUdp(ask, { sourcePort: 5_353, destinationPort: 53, data }));
    const ip = answer && parseIpv4(answer.payload);
    expect(ip && [formatAddress(ip.source), formatAddress(ip.destination)]).toEqual(['192.168.43.1', '192.168.43.100']);
    expect(ip && [...(parseUdp(ip.payload, ip)?.data.slice(-4) ?? [])]).toEqual([203, 0, 113, 9]);
    const ping = Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0);
    expect(say(etherTypes.ipv4, buildIpv4({ ...ask, protocol: protocols.icmp, payload: ping }))).toHaveLength(1);
    const hello = { sourcePort: 4_000, destinationPort: 7, data: new Uint8Array(3) };
    say(etherTypes.ipv4, buildUdp({ ...ask, destination: address('203.0.113.9') }, hello));
    const sent = parseIpv4(out[0] ?? new Uint8Array());
    expect(sent && formatAddress(sent.source)).toBe(core.traffic()[0]?.exitAddress);
    frames.length = 0;
    const back = { source: address('203.0.113.9'), destination: sent?.source ?? new Uint8Array(4) };
    fromExit(buildUdp(back, { sourcePort: 7, destinationPort: 4_000, data: new Uint8Array(2) }));
    expect(frames.map(parseFrame)[0]?.destination).toEqual(hostMac);
    const heard = parseIpv4(frames[0]?.subarray(14) ?? new Uint8Array());
    expect(heard && [formatAddress(heard.destination), parseUdp(heard.payload, heard)?.data.length]).toEqual(['192.168.43.100', 2]);
  });

  it('hears nothing from a DHCP server that fell silent, and nothing at all without a bearer', async () => {
    const { say, modem, network } = await wire('ec200a', 'fleet.north');
    const speakAgain = modem.misbehave({ kind: 'no-dhcp' });
    expect(say(etherTypes.ipv4, dhcp(1))).toEqual([]);
    speakAgain();
    expect(say(etherTypes.ipv4, dhcp(1))).toHaveLength(1);
    network.release(imsi);
    expect(say(etherTypes.ipv4, dhcp(1))).toEqual([]);
  });
});

describe('a host on the wire of an EC25', () => {
  const arp = (target: string) =>
    concatBytes(uint16Bytes(1, 0x0800, 0x0604, 1), hostMac, address('10.1.0.2'), new Uint8Array(6), address(target));

  it('gets the address of the operator and a mask that holds the gateway', async () => {
    const { say, modem } = await wire('ec25', 'fleet.north');
    const granted = modem.state.running.bearers.get(1)?.grant;
    expect(given(say(etherTypes.ipv4, dhcp(1))[0])).toMatchObject({ address: granted?.addresses[0], router: granted?.gateway });
  });

  it('finds everybody behind the MAC of the modem but itself', async () => {
    const { say, modem } = await wire('ec25', 'fleet.north');
    const [reply] = say(etherTypes.arp, arp('203.0.113.9'), broadcastMac);
    expect(reply?.payload.subarray(8, 14)).toEqual(modemMac);
    const own = modem.state.running.bearers.get(1)?.grant.addresses[0] ?? '';
    expect(say(etherTypes.arp, arp(own), broadcastMac)).toEqual([]);
  });

  it('is told its prefix and finds its router on IPv6', async () => {
    const { say, out } = await wire('ec25', 'fleet.dual');
    const host = address('fe80::2');
    const solicit = buildIcmpv6({ source: host, destination: address('ff02::2') }, Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0));
    const [advertised] = say(etherTypes.ipv6, solicit, Uint8Array.of(0x33, 0x33, 0, 0, 0, 2));
    expect(parseIpv6(advertised?.payload ?? new Uint8Array())?.payload[0]).toBe(134);
    const neighbour = concatBytes(Uint8Array.of(135, 0, 0, 0, 0, 0, 0, 0), address('fe80::1'));
    const [found] = say(etherTypes.ipv6, buildIcmpv6({ source: host, destination: address('ff02::1:ff00:1') }, neighbour));
    expect(parseIpv6(found?.payload ?? new Uint8Array())?.payload.slice(-6)).toEqual(modemMac);
    const detect = buildIcmpv6({ source: address('::'), destination: address('ff02::1:ff00:2') }, concatBytes(neighbour.slice(0, 8), host));
    expect(say(etherTypes.ipv6, detect)).toEqual([]);
    expect(out).toEqual([]);
  });

  it('keeps its wire over another bearer, and loses packets where the bearer is a black hole', async () => {
    const { say, network, out, modem, core, clock } = await wire('ec25', 'fleet.north');
    const hello = { sourcePort: 4_000, destinationPort: 7, data: new Uint8Array(3) };
    const greet = () => {
      const source = address(modem.state.running.bearers.get(1)?.grant.addresses[0] ?? '');
      say(etherTypes.ipv4, buildUdp({ source, destination: address('203.0.113.9') }, hello));
    };
    greet();
    expect(out).toHaveLength(1);
    network.setOutage(true);
    expect(core.traffic()).toEqual([]);
    network.setOutage(false);
    await clock.advance(10_000);
    greet();
    expect(out).toHaveLength(2);
    const end = modem.misbehave({ kind: 'black-hole' });
    greet();
    end();
    greet();
    expect(out).toHaveLength(3);
    expect(core.traffic().map(({ up }: BearerTraffic) => up.packets)).toEqual([2]);
  });
});

describe('the Ethernet side', () => {
  it('takes any frame without throwing', async () => {
    const { side } = await wire('ec200a', 'fleet.north');
    const type = fc.constantFrom(0x0800, 0x0806, 0x86dd, 1);
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 80 }), (type, payload) => {
        side.receive(concatBytes(modemMac, hostMac, uint16Bytes(type), payload));
        side.receive(payload);
      }),
    );
  });

  it('makes masks under which two addresses are neighbours', () => {
    expect(sharedPrefixLength(address('10.1.0.1'), address('10.1.0.2'))).toBe(30);
    expect(sharedPrefixLength(address('10.1.0.1'), address('10.1.0.3'))).toBe(29);
    expect(formatAddress(subnetMask(30))).toBe('255.255.255.252');
    expect([formatAddress(subnetMask(0)), formatAddress(subnetMask(1))]).toEqual(['0.0.0.0', '128.0.0.0']);
  });
});
