import { documentFor, type Story } from '../stories/story.ts';
import { freshRecord } from '../world/control-plane.ts';
import { type Beginning, createWorld } from '../world/world.ts';

const longestMs = 30 * 60_000;
const known = new Map<string, Promise<Beginning>>();

async function settle(story: Story): Promise<Beginning> {
  // Taken into service by cable: there is no target yet to dial with.
  const atTheBench = { ...story, hasLifeline: true };
  const world = createWorld({ seed: 1, story: atTheBench, beginning: { flash: new Map(), record: freshRecord() } });
  world.controlPlane.assign(documentFor(story.before));
  world.gateway.boot();
  const isSettled = () => world.controlPlane.record.state?.target?.status === 'applied' && world.controlPlane.record.confirmed !== null;
  await world.clock.runUntil(longestMs, isSettled);
  if (!isSettled()) throw new Error(`${story.name}: a gateway that nothing befalls does not settle`);
  // What it still has to say and to keep.
  await world.clock.runUntil(world.clock.monotonicMs() + 60_000);
  return { flash: world.flash.contents(), record: world.controlPlane.record };
}

/** A gateway whose configuration was confirmed, as its flash and the control plane's database hold it. Made by the agent itself, once. */
export function settledGateway(story: Story): Promise<Beginning> {
  const key = JSON.stringify([story.model, story.before, story.network, story.hasLifeline]);
  const found = known.get(key) ?? settle(story);
  known.set(key, found);
  return found;
}
