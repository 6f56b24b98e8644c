import { createHash, createHmac } from 'node:crypto';
import { receiveShortMessage } from '@towline/simulator';
import { describe, expect, it } from 'vitest';
import { memoryStore } from './adapters/memory-store.ts';
import { ec200aEcm } from './testing/usb-trees.ts';
import { createWorld, documentOf, fakeBus, rule, type World } from './testing/world.ts';

const minutes = (count: number) => count * 60_000;
const boss = '+491511234567';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const eventsOf = ({ controlPlane }: World) => controlPlane.events().flatMap(({ events }) => events);
const codes = (world: World) => eventsOf(world).map(({ code }) => code);
const apnOf = ({ agent }: World) => agent.views()[0]?.observed.context?.apn;

/** As the control plane writes it; see `SmsOrder` of the protocol. */
function written(world: World, order: string): string {
  const counter = Math.floor(world.clock.wallMs() / 1_000);
  const [session] = world.controlPlane.sessions;
  const body = `TL1 ${sha256('0123456789').slice(0, 8)} ${counter} ${order}`;
  const key = `towline sms order 1 ${sha256(session?.password ?? '')}`;
  return `${body} ${createHmac('sha256', key).update(body).digest().subarray(0, 15).toString('base64url')}`;
}

/** A gateway whose `fleet.south` was confirmed, and that is in the middle of a change to `fleet.north` with nobody to be reached. */
async function lost(senders: readonly string[] = [boss], store = memoryStore()): Promise<World> {
  const world = createWorld({ store, config: senders.length > 0 ? { sms: { senders: [...senders] } } : {} });
  world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
  await world.agent.start();
  await world.clock.advance(minutes(4));
  world.controlPlane.assign(documentOf(rule('fleet.north')), 2);
  await world.clock.advance(1_000);
  world.controlPlane.reachable = false;
  world.controlPlane.cut();
  await world.clock.advance(minutes(3));
  expect(apnOf(world)).toBe('fleet.north');
  return world;
}

describe('an order by SMS', () => {
  it('takes back a change at once, where IP reaches nobody', async () => {
    const world = await lost();
    receiveShortMessage(world.modem, { sender: boss, text: written(world, 'revert') });
    await world.clock.advance(minutes(1));
    expect(apnOf(world)).toBe('fleet.south');
    expect(world.modem.state.stored.inbox.size).toBe(0);
    world.controlPlane.reachable = true;
    await world.clock.advance(minutes(6));
    expect(codes(world)).toContain('sms.order');
    const ended = eventsOf(world).find(({ code }) => code === 'change.reverted');
    expect(ended?.evidence).toEqual(expect.arrayContaining(['transaction.ordered-back', 'by SMS']));
    await world.halt();
  });

  it('ends the tries of a change that waits for its next', async () => {
    const world = await lost();
    await world.clock.advance(minutes(50));
    world.controlPlane.reachable = true;
    await world.clock.advance(minutes(6));
    const target = () => world.controlPlane.states().at(-1)?.target;
    expect(target()).toMatchObject({ status: 'applying', pause: { triesLeft: 2 } });
    receiveShortMessage(world.modem, { sender: boss, text: written(world, 'revert') });
    await world.clock.advance(minutes(1));
    expect(target()).toMatchObject({ status: 'reverted', fault: { code: 'transaction.ordered-back' } });
    expect(target()?.pause).toBeUndefined();
    await world.clock.advance(minutes(60));
    expect(apnOf(world)).toBe('fleet.south');
    await world.halt();
  });

  it('is followed once: sent again, by a restarted agent too, it does nothing', async () => {
    const world = await lost();
    const text = written(world, 'report');
    receiveShortMessage(world.modem, { sender: boss, text });
    await world.clock.advance(minutes(1));
    await world.halt();
    const again = world.again();
    await again.start();
    await world.clock.advance(minutes(6));
    world.controlPlane.reachable = true;
    receiveShortMessage(world.modem, { sender: boss, text });
    await world.clock.advance(minutes(6));
    expect(codes(world).filter((code) => code === 'sms.order')).toHaveLength(1);
    expect(eventsOf(world).find(({ code }) => code === 'sms.refused')?.evidence).toEqual(['sms.replayed']);
    await world.halt(again);
  });

  it('is not followed again by a device that lost its counter', async () => {
    const store = memoryStore();
    const world = await lost([boss], store);
    const text = written(world, 'report');
    receiveShortMessage(world.modem, { sender: boss, text });
    await world.clock.advance(minutes(1));
    await world.halt();
    store.texts.delete('sms');
    const again = world.again();
    await again.start();
    receiveShortMessage(world.modem, { sender: boss, text });
    world.controlPlane.reachable = true;
    await world.clock.advance(minutes(12));
    expect(codes(world).filter((code) => code === 'sms.order')).toHaveLength(1);
    expect(eventsOf(world).find(({ code }) => code === 'sms.refused')?.evidence).toEqual(['sms.replayed']);
    receiveShortMessage(world.modem, { sender: boss, text: written(world, 'report') });
    await world.clock.advance(minutes(1));
    expect(codes(world).filter((code) => code === 'sms.order')).toHaveLength(2);
    await world.halt(again);
  });

  it('is not followed where neither a counter nor the clock tells whether it is old, until the clock is set', async () => {
    const store = memoryStore();
    const world = await lost([boss], store);
    const text = written(world, 'revert');
    const setMs = world.clock.wallMs();
    await world.halt();
    store.texts.delete('sms');
    world.clock.jumpWall(0);
    const again = world.again();
    await again.start();
    receiveShortMessage(world.modem, { sender: boss, text });
    world.controlPlane.reachable = true;
    await world.clock.advance(minutes(12));
    expect(eventsOf(world).find(({ code }) => code === 'sms.refused')?.evidence).toEqual(['sms.clock-unset']);
    world.clock.jumpWall(setMs + minutes(12));
    receiveShortMessage(world.modem, { sender: boss, text });
    await world.clock.advance(minutes(1));
    expect(codes(world)).not.toContain('sms.order');
    receiveShortMessage(world.modem, { sender: boss, text: written(world, 'revert') });
    await world.clock.advance(minutes(1));
    expect(codes(world)).toContain('sms.order');
    await world.halt(again);
  });

  it('is followed at once though the clock of the gateway was set only after its start, and after a restart that finds neither clock nor link', async () => {
    const world = createWorld({ config: { sms: { senders: [boss] } } });
    const setMs = world.clock.wallMs();
    world.clock.jumpWall(0);
    world.controlPlane.assign(documentOf(rule('fleet.south')), 1);
    await world.agent.start();
    await world.clock.advance(minutes(4));
    world.clock.jumpWall(setMs);
    receiveShortMessage(world.modem, { sender: boss, text: written(world, 'report') });
    await world.clock.advance(minutes(6));
    expect(codes(world).filter((code) => code.startsWith('sms.'))).toEqual(['sms.order']);
    const text = written(world, 'report');
    await world.halt();
    world.controlPlane.reachable = false;
    world.clock.jumpWall(0);
    const again = world.again();
    await again.start();
    receiveShortMessage(world.modem, { sender: boss, text });
    await world.clock.advance(minutes(6));
    world.controlPlane.reachable = true;
    await world.clock.advance(minutes(6));
    expect(codes(world).filter((code) => code.startsWith('sms.'))).toEqual(['sms.order', 'sms.order']);
    await world.halt(again);
  });

  it('makes the device dial and report', async () => {
    const world = await lost();
    world.controlPlane.reachable = true;
    const before = world.controlPlane.states().length;
    receiveShortMessage(world.modem, { sender: boss, text: written(world, 'report') });
    await world.clock.advance(minutes(1));
    expect(world.controlPlane.states().length).toBeGreaterThan(before);
    await world.halt();
  });

  it.each([
    ['of a stranger', '+491511234568', (world: World) => written(world, 'revert')],
    ['that is not signed', boss, (world: World) => written(world, 'revert').replace(/.{4}$/, 'AAAA')],
    ['in words', boss, () => 'revert please'],
  ])('%s is not followed, and makes room', async (_, sender, text) => {
    const world = await lost();
    receiveShortMessage(world.modem, { sender, text: text(world) });
    await world.clock.advance(minutes(1));
    expect(apnOf(world)).toBe('fleet.north');
    expect(world.modem.state.stored.inbox.size).toBe(0);
    await world.halt();
  });

  it('is not followed while flash does not keep its counter', async () => {
    const world = await lost();
    world.breakFlash(true);
    receiveShortMessage(world.modem, { sender: boss, text: written(world, 'revert') });
    await world.clock.advance(minutes(1));
    expect(apnOf(world)).toBe('fleet.north');
    await world.halt();
  });

  it('that came while the modem told of nothing is found all the same', async () => {
    const world = await lost();
    world.modem.restart();
    await world.clock.advance(minutes(2));
    receiveShortMessage(world.modem, { sender: boss, text: written(world, 'revert') });
    await world.clock.advance(minutes(7));
    expect(apnOf(world)).toBe('fleet.south');
    await world.halt();
  });

  it('is followed at once in a modem that was plugged in long after the start', async () => {
    const usb = fakeBus();
    const world = createWorld({ usb, config: { modems: undefined, sms: { senders: [boss] } } });
    await world.agent.start();
    await world.clock.advance(minutes(2));
    usb.plug(ec200aEcm);
    await world.clock.advance(minutes(1));
    receiveShortMessage(world.modem, { sender: boss, text: written(world, 'report') });
    await world.clock.advance(5_000);
    expect(codes(world)).toContain('sms.order');
    await world.halt();
  });

  it('is nothing to a gateway whose configuration names nobody: its inbox is left alone', async () => {
    const world = await lost([]);
    receiveShortMessage(world.modem, { sender: boss, text: written(world, 'revert') });
    await world.clock.advance(minutes(6));
    expect(apnOf(world)).toBe('fleet.north');
    expect(world.modem.state.stored.inbox.size).toBe(1);
    await world.halt();
  });
});
