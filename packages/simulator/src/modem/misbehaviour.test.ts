import { describe, expect, it } from 'vitest';
import { createOperatorNetwork } from '../network/operator-network.ts';
import { bench, benchNetwork, connect, imsi } from '../testing/bench.ts';

describe('a dial', () => {
  it.each([
    ['fleet.nowhere', 27, '+CME ERROR: 127'],
    ['fleet.other', 33, '+CME ERROR: 133'],
    ['fleet.barred', 8, '+CME ERROR: 177'],
    ['fleet.secret', 29, '+CME ERROR: 149'],
  ])('on %s is refused with cause %d', async (accessPoint, cause, said) => {
    const { modem, clock } = bench('ec200a');
    const console = connect(modem, clock);
    await console.say(`AT+CGDCONT=1,"IP","${accessPoint}"`);
    expect(await console.ask('AT+QNETDEVCTL=1,1,1')).toEqual([said]);
    expect(await console.ask('AT+CEER')).toEqual([`+CEER: 5,${cause}`]);
    expect(modem.dataLink()).toBeNull();
  });

  it('gives an EC200A host the address of the module, not the one of the operator', async () => {
    const { modem, clock } = bench('ec200a');
    const console = connect(modem, clock);
    expect(await console.say('AT+QNETDEVCTL=1,1,1', 3_000)).toContain('\r\n+QNETDEVSTATUS: 1\r\n');
    expect(modem.dataLink()).toMatchObject({ mode: 'ecm', behindNat: true, addresses: ['192.168.43.100'] });
    expect(modem.reaches('control.example')).toBe(true);
    expect(await console.ask('AT+QNETDEVCTL=0,1')).toEqual(['+QNETDEVSTATUS: 0']);
    expect(await console.ask('AT+QNETDEVCTL=0,1')).toEqual(['ERROR']);
  });

  it('stored as type 3 dials again by itself after a reset', async () => {
    const { modem, clock } = bench('ec200a');
    await connect(modem, clock).say('AT+QNETDEVCTL=3,1,1');
    modem.restart();
    expect(modem.dataLink()).toBeNull();
    await clock.advance(20_000);
    expect(modem.dataLink()).toMatchObject({ mode: 'ecm', contextId: 1 });
  });

  it('enters data mode, leaves it by +++ in its guard time, and ends with ATH', async () => {
    const { modem, clock } = bench('bg96');
    const console = connect(modem, clock, 'ppp');
    expect(await console.say('ATD*99***1#')).toMatch(/\r\nCONNECT 150000000\r\n~/);
    await console.port.write(new TextEncoder().encode('data +++ data\r'));
    await clock.advance(1_500);
    await console.port.write(new TextEncoder().encode('+++'));
    await clock.advance(1_500);
    expect(console.heard().endsWith('\r\nOK\r\n')).toBe(true);
    expect(modem.dataLink()).toMatchObject({ mode: 'ppp' });
    await console.say('ATH');
    expect(modem.dataLink()).toBeNull();
  });

  it('is ended by the network with NO CARRIER, and by a closed port', async () => {
    const { modem, clock, network } = bench('ec25');
    const console = connect(modem, clock, 'ppp');
    await console.say('ATD*99#');
    network.release(imsi);
    await clock.advance(1_000);
    expect(console.heard().endsWith('\r\nNO CARRIER\r\n')).toBe(true);
    await console.say('ATD*99#');
    expect(modem.dataLink()).not.toBeNull();
    await console.port.close();
    expect(modem.dataLink()).toBeNull();
  });

  it('is healed by AT&F on a modem with stale settings', async () => {
    const { modem, clock } = bench('ec200u', { staleSettings: true });
    const console = connect(modem, clock);
    expect(await console.ask('AT+QNETDEVCTL=1,1,1')).toEqual(['+CME ERROR: 32']);
    await console.say('AT&F');
    await console.say('AT+QNETDEVCTL=1,1,1');
    expect(modem.dataLink()).not.toBeNull();
  });
});

describe('the operator', () => {
  it('may take an unknown APN for its default, which only CGCONTRDP shows', async () => {
    const accessPoints = [{ name: 'internet', ipTypes: ['ipv4' as const] }];
    const network = createOperatorNetwork({ plmn: '00101', name: 'P', rats: ['lte'], accessPoints, unknownAccessPoint: 'default' });
    const { modem, clock } = bench('ec25', { network, contexts: { 1: { type: 'IP', accessPoint: 'typo' } } });
    const console = connect(modem, clock);
    expect((await console.ask('AT+CGDCONT?'))[0]).toContain('"typo"');
    expect((await console.ask('AT+CGCONTRDP=1'))[0]).toContain('"internet.mnc001.mcc001.gprs"');
  });

  it('denies, lets in again, and takes everybody off in an outage', async () => {
    const { modem, network } = bench('ec25');
    network.deny(imsi);
    expect(modem.state.running.registration).toBe(3);
    network.allow(imsi);
    expect(modem.state.running.registration).toBe(1);
    network.setOutage(true);
    expect(modem.state.running.registration).toBe(2);
    expect(modem.state.running.bearers.size).toBe(0);
    network.setOutage(false);
    expect(modem.state.running.registration).toBe(1);
  });

  it('shows a data-only card as denied for calls only', async () => {
    const network = benchNetwork();
    network.setDataOnly(imsi, true);
    const { modem, clock } = bench('ec25', { network });
    const console = connect(modem, clock);
    expect(await console.ask('AT+CREG?')).toEqual(['+CREG: 0,3']);
    expect(await console.ask('AT+CEREG?')).toEqual(['+CEREG: 0,1']);
  });

  it('shuts an APN down under those who use it, and an APN may lead nowhere', async () => {
    const { modem, clock, network } = bench('me909');
    const console = connect(modem, clock);
    await console.say('AT^NDISDUP=1,1,"fleet.island"');
    expect(modem.dataLink()?.accessPoint).toBe('fleet.island.mnc001.mcc001.gprs');
    expect(modem.reaches('control.example')).toBe(false);
    network.shutAccessPoint('fleet.island');
    expect(modem.dataLink()).toBeNull();
  });
});

describe('misbehaviour', () => {
  it('begins and ends at any time: silence, lateness, refusal', async () => {
    const { modem, clock } = bench('ec25');
    const console = connect(modem, clock);
    const speakAgain = modem.misbehave({ kind: 'silent', to: '+CSQ' });
    expect(await console.say('AT+CSQ')).toBe('');
    expect(await console.say('AT')).toContain('OK');
    speakAgain();
    const hurry = modem.misbehave({ kind: 'late', byMs: 5_000 });
    expect(await console.say('AT+CSQ')).toBe('AT+CSQ\r');
    await clock.advance(5_000);
    expect(console.heard().endsWith('OK\r\n')).toBe(true);
    hurry();
    modem.misbehave({ kind: 'refuses-command', to: '+CSQ' });
    expect(await console.ask('AT+CSQ')).toEqual(['ERROR']);
  });

  it('reboots where AT+CFUN was written', async () => {
    const { modem, clock } = bench('sim7600');
    modem.misbehave({ kind: 'reboots-on-cfun' });
    await connect(modem, clock).say('AT+CFUN=0');
    expect(modem.present).toBe(false);
    await clock.advance(20_000);
    expect(modem.present).toBe(true);
  });

  it('hangs after a dial until it is reset from outside', async () => {
    const { modem, clock } = bench('ec25');
    modem.misbehave({ kind: 'hangs-after-dial' });
    await connect(modem, clock, 'ppp').say('ATD*99#');
    const console = connect(modem, clock);
    expect(await console.say('AT')).toBe('');
    modem.restart();
    await clock.advance(15_000);
    expect(await connect(modem, clock).say('AT')).toContain('OK');
  });

  it('drops the carrier a while after each dial', async () => {
    const { modem, clock } = bench('bg96');
    modem.misbehave({ kind: 'drops-carrier', afterMs: 5_000 });
    const console = connect(modem, clock, 'ppp');
    await console.say('ATD*99#');
    expect(modem.dataLink()).not.toBeNull();
    await clock.advance(6_000);
    expect(console.heard().endsWith('NO CARRIER\r\n')).toBe(true);
  });

  it('floods the reader of the wrong port with binary frames and leaves no timer when that is closed', async () => {
    const { modem, clock } = bench('ec200u');
    const console = connect(modem, clock, 'debug');
    expect(await console.say('AT')).toMatch(/^%DBG/);
    await console.port.close();
    await clock.advance(1_000);
    expect(clock.nextDueMs()).toBeNull();
  });

  it('loses the card and finds it again', async () => {
    const { modem, clock } = bench('ec25');
    const found = modem.misbehave({ kind: 'sim-lost' });
    expect(await connect(modem, clock).ask('AT+CPIN?')).toEqual(['+CME ERROR: 10']);
    found();
    await clock.advance(5_000);
    expect(modem.state.running.registration).toBe(1);
  });
});
