import type { Setting, Story } from '../stories/story.ts';
import { firstSim, spareApn, spareSim } from '../stories/story.ts';
import type { World } from '../world/world.ts';

/** What the operator's core, the modem itself and the control plane's record say. Nothing that the agent says is asked. */
export interface Finding {
  /** When the core last saw a message of the device over the bearer that stands now; null: over this one never. */
  readonly seenAtMs: number | null;
  /** Which configuration the gateway is on. */
  readonly on: 'new' | 'before' | 'spare' | 'spare-as-found' | 'beside' | 'another' | 'none';
  /** What the record says of the target. */
  readonly record: 'applied' | 'given-up' | 'under-way' | 'unknown';
  /** The control plane has said yes to the target, where it had to. */
  readonly isConfirmed: boolean;
}

/** Bands of the simulated EC25 as it comes from its factory, and codes of `AT+QCFG="nwscanmode"`. */
const factoryBands = '1:3:7:8:20:28:38:40:41';
const anyScanMode = '0';
const scanModes = { gsm: '1', lte: '3' } as const;

/** What the modem has stored of what a setting says, in words. */
function storedOf({ bands, radioAccess, slot = 1 }: Setting): string {
  return `${bands?.join(':') ?? factoryBands} ${radioAccess ? scanModes[radioAccess] : anyScanMode} ${slot}`;
}

function storedIn({ modem }: World): string {
  const { settings, simSlot } = modem.state.stored;
  return `${settings.get('band.2') ?? factoryBands} ${settings.get('nwscanmode') ?? anyScanMode} ${simSlot}`;
}

interface Found {
  readonly apn: string;
  readonly mode: Setting['mode'];
  readonly stored: string;
}

const isOn = (found: Found, setting: Setting) =>
  found.apn === setting.apn && found.mode === setting.mode && found.stored === storedOf(setting);

/** @param isInSlot it is where the target wants the SIM; elsewhere it is what the gateway comes back to, dialled as it was found where the look at the first SIM was the last */
function withSpare(found: Found, story: Story, isInSlot: boolean): Finding['on'] {
  const isAsFound = isOn(found, story.before);
  if (!isInSlot && (found.apn === spareApn || isAsFound)) return 'before';
  if (found.apn === spareApn) return 'spare';
  return isAsFound ? 'spare-as-found' : 'another';
}

function configurationOf(world: World, story: Story, wanted: Setting): Finding['on'] {
  const standing = world.core.standing();
  if (!standing) return 'none';
  const found = { apn: standing.accessPoint, mode: world.modem.state.running.dataMode, stored: storedIn(world) };
  if (standing.imsi === spareSim.imsi) return withSpare(found, story, (wanted.slot ?? 1) === world.modem.state.stored.simSlot);
  if (isOn(found, wanted)) return 'new';
  // The SIM that it came from, with what the target wants of whichever is in use.
  if (standing.imsi === firstSim.imsi && isOn(found, { ...wanted, slot: 1 })) return 'beside';
  const earlier = [story.before, ...story.wanted.slice(0, story.wanted.indexOf(wanted))];
  return earlier.some((setting) => isOn(found, setting)) ? 'before' : 'another';
}

function recordOf({ controlPlane }: World): Finding['record'] {
  const { target, state } = controlPlane.record;
  const told = state?.target ?? null;
  if (!target || !told || told.version.number !== target.version.number) return 'unknown';
  if (told.status === 'applied') return 'applied';
  return told.status === 'applying' ? 'under-way' : 'given-up';
}

function seenAt({ core }: World): number | null {
  const standing = core.standing();
  const last = core.sights.at(-1);
  return standing && last?.grant === standing.grant && last.imsi === standing.imsi ? last.atMs : null;
}

/** What is wanted was known good before the order, so nobody has to be asked. */
function isConfirmed({ controlPlane }: World, story: Story, wanted: Setting): boolean {
  const { confirmed, target } = controlPlane.record;
  return confirmed?.number === target?.version.number || isOn({ ...story.before, stored: storedOf(story.before) }, wanted);
}

/** How a gateway stands that was ordered to go to `wanted`. */
export function find(world: World, story: Story, wanted: Setting): Finding {
  return {
    seenAtMs: seenAt(world),
    on: configurationOf(world, story, wanted),
    record: recordOf(world),
    isConfirmed: isConfirmed(world, story, wanted),
  };
}

/** What befell the gateway for as long as the trial lasts. */
export interface Lasting {
  /** No journal could be opened, so no change was begun. */
  readonly isJournalless: boolean;
  readonly isKnownGoodShut: boolean;
  /** Of the SIM that was in use once. */
  readonly isSimBarred: boolean;
}

/** Whether the change is over, and well: the gateway is on what was confirmed or on what it may go back to, and the record says so too. */
export function isWell({ on, record, isConfirmed }: Finding, lasting: Lasting): boolean {
  const { isJournalless, isKnownGoodShut, isSimBarred } = lasting;
  // Without a journal nothing is announced; with the known good shut or its SIM barred, what was ordered is the only way there is.
  if (on === 'new') return isConfirmed ? record === 'applied' : isJournalless && (isKnownGoodShut || isSimBarred) && record === 'given-up';
  // Whatever the target wants of the slot of a SIM that is barred: it is the other one that has to do.
  if (isSimBarred && on !== 'none' && on !== 'another') return record === 'given-up' || record === 'applied' || isJournalless;
  // A SIM that was never in this gateway has no known good: without a journal it is dialled as the target says, and never called confirmed.
  if (on === 'spare') return record === 'applied' || (isJournalless && record !== 'unknown');
  // Put in after the look at the first one, it was dialled as that one; a link that works is not given up without a journal.
  if (on === 'spare-as-found') return isJournalless && record === 'given-up';
  if (on !== 'before') return false;
  return record === 'given-up' || (isJournalless && record === 'under-way');
}
