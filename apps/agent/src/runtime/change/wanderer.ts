import type { SimSlot } from '@towline/modem';
import { type ConnectionProfile, slotRule, type TargetDocument } from '@towline/protocol';
import type { Situation } from '../../core/decision.ts';
import { healthyMs } from '../../core/memory.ts';
import { radioLimits } from '../../core/radio-limits.ts';
import { simSubject } from '../../core/resolve.ts';
import { phaseOf } from '../../core/transaction/intention.ts';
import { type Configuration, goesToOtherSlot } from '../../core/transaction/transaction.ts';
import { firstTurn, heldTurn, nextTurn, type WanderTurn } from '../../core/transaction/wander.ts';
import { bootstrapOf, changeBudgetMs, isLeftForGood } from '../../core/transaction/wanted.ts';
import type { ChangeKeeper } from './change-keeper.ts';

export interface WandererNeeds {
  readonly bootstrap: ConnectionProfile | null;
  readonly changes: Pick<ChangeKeeper, 'earlierAt' | 'knownGoodAt' | 'knownSims' | 'openAt'>;
}

/** What a modem would be brought to anyway. */
export interface Course {
  readonly document: TargetDocument | null;
  /** What it is dialled with; null: with nothing that could be told. */
  readonly dialled: Configuration | null;
  /** What the target wants of the SIM in use; null: that cannot be told, or it wants another SIM. */
  readonly wanted: Configuration | null;
}

/**
 * What a modem is brought to when nothing works that it should be dialled with, and no change is open that looks for what does: no journal can be
 * had, the change was given up, or there was nothing to change. The configurations that there are take turns, and the SIMs of both slots.
 * Nothing of it becomes known good, and it has no way back: what it leaves does not work.
 */
export class Wanderer {
  private readonly modem: string;
  private readonly needs: WandererNeeds;
  private turn: WanderTurn | null = null;
  /** Of the modem, as long as it is away too; null: none was seen. */
  private budgetMs: number | null = null;
  private wakesAtMs = Number.POSITIVE_INFINITY;

  constructor(modem: string, needs: WandererNeeds) {
    this.modem = modem;
    this.needs = needs;
  }

  /** Takes a look. @returns what to dial with instead of what it would be anyway; null: with that */
  look(situation: Situation, course: Course): Configuration | null {
    const { model, nowMs, memory } = situation;
    if (model) this.budgetMs = changeBudgetMs(model, course.dialled?.profile ?? {});
    // No modem was here yet.
    if (this.budgetMs === null) return null;
    const time = { nowMs, budgetMs: this.budgetMs };
    const ways = this.waysOf(situation, course);
    const turn = this.turn ?? firstTurn(time);
    const ground = { ...time, ways: this.tryable(situation, ways), otherSlot: this.otherSlot(situation, course) };
    const isTrying =
      memory.verifiedSinceMs === null && !isHeldDown(situation, course) && (ground.ways.length > 1 || ground.otherSlot !== null);
    if (this.isChanging()) this.turn = firstTurn(time);
    else this.turn = isTrying ? nextTurn(turn, ground) : heldTurn(settledTurn(turn, situation), time);
    this.wakesAtMs = isTrying ? this.turn.endsMs : Number.POSITIVE_INFINITY;
    const { way } = this.turn;
    return ways.find(({ key }) => key === way) ?? null;
  }

  /** The SIM slot that the modem is brought to; null: it is left as it is. */
  slot(): SimSlot | null {
    return this.turn?.slot ?? null;
  }

  /** Whether what it should be dialled with has had its turn in vain. */
  isUnderWay(): boolean {
    return this.turn !== null && (this.turn.pass > 0 || this.turn.index > 0);
  }

  /** When somebody else has a turn, unless the link works by then. */
  wakeAtMs(): number {
    return this.wakesAtMs;
  }

  /** Somebody wants it dialled as it should be, now. */
  comeBack(): void {
    this.turn = null;
  }

  /** A change looks for a way itself; only one that stays over one SIM, and has found none, leaves the other slot to be tried. */
  private isChanging(): boolean {
    const open = this.needs.changes.openAt(this.modem);
    return open !== null && (goesToOtherSlot(open) || phaseOf(open) !== 'given-up');
  }

  /** What is written to the radio for a way that no journal knows, nobody would bring back after a crash: such a way is none. */
  private waysOf(situation: Situation, { dialled, wanted }: Course): readonly Configuration[] {
    const { bootstrap, changes } = this.needs;
    const { observed } = situation;
    const iccid = observed.sim?.iccid ?? null;
    if (iccid === null || !dialled || changes.openAt(this.modem)) return [];
    const place = { modem: this.modem, iccid };
    const others = [wanted, changes.knownGoodAt(place), ...changes.earlierAt(place), bootstrapOf(situation, bootstrap)];
    const leavesRadio = ({ profile }: Configuration) =>
      radioLimits.every((limit) => limit.wanted(profile) === null || limit.wanted(profile) === limit.seen(observed, profile));
    const seen = new Set([dialled.key]);
    return [dialled, ...others.flatMap((way) => (way && leavesRadio(way) && !seen.has(way.key) && seen.add(way.key) ? [way] : []))];
  }

  /** Without a network each way is as good as the other. */
  private tryable({ observed: { registration } }: Situation, ways: readonly Configuration[]): readonly string[] {
    const isRegistered = registration?.state === 'home' || registration?.state === 'roaming';
    return isRegistered ? ways.map(({ key }) => key) : [];
  }

  /** Only where a SIM is known or named to be in the other slot, or nothing is known of this one. */
  private otherSlot(situation: Situation, { document }: Course): SimSlot | null {
    const { observed, model } = situation;
    const inUse = this.slot() ?? observed.simSlot;
    if (!model?.simSlots || inUse === null || observed.simSlot === null) return null;
    const iccid = observed.sim?.iccid ?? null;
    if (iccid !== null && document && isLeftForGood(situation, document, iccid)) return null;
    const other: SimSlot = inUse === 1 ? 2 : 1;
    const { changes, bootstrap } = this.needs;
    const known = changes.knownSims(this.modem);
    const isNamed = slotRule(document?.rules ?? [], simSubject(observed))?.simSlot === other;
    const isNoneKnown = known.length === 0 && (document !== null || bootstrap !== null);
    return isNamed || isNoneKnown || known.some((one) => one !== iccid) ? other : null;
  }
}

/** A link that works is where it should be until it breaks; one that has for long has nothing behind it. */
function settledTurn(turn: WanderTurn, { memory: { verifiedSinceMs }, nowMs }: Situation): WanderTurn {
  if (verifiedSinceMs === null) return turn;
  return { ...turn, slot: null, pass: nowMs - verifiedSinceMs >= healthyMs ? 0 : turn.pass };
}

/** The link is down because the modem is away, or because somebody wants it so. */
function isHeldDown({ observed, memory, nowMs }: Situation, { dialled }: Course): boolean {
  const mayNotRoam = observed.registration?.state === 'roaming' && dialled?.profile.roaming === false;
  return !observed.answering || memory.holdUntilMs > nowMs || mayNotRoam;
}
