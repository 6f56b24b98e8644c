import type { DataMode, SimSlot, StoredAuth } from '@towline/modem';
import { type ConnectionProfile, slotRule, type TargetDocument, type TargetVersion } from '@towline/protocol';
import type { Decision, Situation } from '../../core/decision.ts';
import { insistingOn } from '../../core/insisted-mode.ts';
import { rememberTarget } from '../../core/memory.ts';
import type { ChangeView } from '../../core/modem-state.ts';
import type { ObservedModem } from '../../core/observed.ts';
import { owedRadio, type RadioLimit, type RadioLimits, radioLimits } from '../../core/radio-limits.ts';
import { matchingRule, simSubject } from '../../core/resolve.ts';
import { type Aim, aimAt, aimedAt, type ChangePhase, phaseOf, type Wanted } from '../../core/transaction/intention.ts';
import type { Standing } from '../../core/transaction/moves.ts';
import type { RetryPause } from '../../core/transaction/retry-pause.ts';
import { standingOf } from '../../core/transaction/standing.ts';
import {
  aimOf,
  type Configuration,
  changeRefusal,
  concernsSim,
  goesToOtherSlot,
  type Reach,
  type Refusal,
  type Transaction,
} from '../../core/transaction/transaction.ts';
import {
  bootstrapOf,
  changeBudgetMs,
  foundOf,
  type Held,
  isDialledWith,
  type WantedReading,
  wantedOf,
} from '../../core/transaction/wanted.ts';
import type { ChangeKeeper } from './change-keeper.ts';
import { Wanderer } from './wanderer.ts';

export interface ModemAimNeeds {
  readonly held: () => Held | null;
  /** What to dial with when all else fails, and before there is anything else; from the device's own configuration. */
  readonly bootstrap: ConnectionProfile | null;
  /** For the card in it, until a target says; null: none. */
  readonly bootstrapPin?: string | null;
  /** The session has to leave by a bearer: one that is up with another APN than the bootstrap profile's is used as it is. */
  readonly needsBearer?: boolean;
  readonly changes: Pick<
    ChangeKeeper,
    'aim' | 'earlierAt' | 'endPause' | 'knownGoodAt' | 'knownSims' | 'looked' | 'openAt' | 'refused' | 'simChanged' | 'wakeAtMs'
  >;
}

/** One look, as far as it decides what the modem is brought to. */
export interface Sighting {
  /** The look, seen with whatever target holds when it is called. */
  readonly situation: () => Situation;
  /** How the modem's context authenticates; null where it does not tell. */
  readonly storedAuth: () => Promise<StoredAuth | null>;
}

interface Aimed {
  readonly at: Configuration | 'target';
  /** The same as a configuration; null: nothing is dialled that could be told. */
  readonly dialled: Configuration | null;
  /** What the target wants of the SIM in use; null: that cannot be told, or it wants another SIM. */
  readonly wanted: Configuration | null;
  /** The SIM slot that it is to use; null: the one in use. */
  readonly slot: SimSlot | null;
  /** What the radio is to be kept to where the rules leave that open; null: what it is kept to. */
  readonly radio: RadioLimits | null;
  readonly phase: ChangePhase;
  readonly refusal: Refusal | null;
  /** Of the target that this was judged by. */
  readonly version: TargetVersion | null;
  readonly pause?: RetryPause | undefined;
  /** When what keeps a change back no longer does, unless the link works until then. */
  readonly lostAtMs: number;
}

/** The target as though it left the slot open. */
const inThisSlot = (document: TargetDocument): TargetDocument => ({
  ...document,
  rules: document.rules.map(({ simSlot: _slot, ...rule }) => rule),
});

/** The target, with what keeps the radio where it leaves that open. */
const keptTo = (document: TargetDocument, radio: RadioLimits): TargetDocument => ({
  ...document,
  rules: document.rules.map((rule) => ({ ...rule, profile: { ...radio, ...rule.profile } })),
});

/** By the target itself: its rule, and a data mode that is left open. Else a change keeps the radio to more than that names. */
const isAsNamed = (at: Configuration, named: Configuration) =>
  at.key === named.key && radioLimits.every(({ wanted }) => wanted(at.profile) === wanted(named.profile));

/** What is up is not what the change is for. */
const withoutAgreement = (standing: Standing): Standing => (standing.kind === 'agrees' ? { kind: 'underway' } : standing);

const noTarget: TargetDocument = { salt: '', policy: { id: '', version: 1 }, rules: [] };

const free: Aimed = {
  at: 'target',
  dialled: null,
  wanted: null,
  slot: null,
  radio: null,
  phase: 'unknown',
  refusal: null,
  version: null,
  lostAtMs: Number.POSITIVE_INFINITY,
};

/** What one modem is brought to: its target, or what a change of it or of its neighbour asks for. */
export class ModemAim {
  private readonly modem: string;
  private readonly needs: ModemAimNeeds;
  private aimed: Aimed = free;
  private key: string | null = null;
  /** The SIM that the open change has nothing to do with, as of the last look. */
  private stranger: string | null = null;
  private insisted: DataMode | null = null;
  /** When the link was verified last; before it ever was, when the modem was looked at first. */
  private workedMs: number | null = null;
  private readonly wanderer: Wanderer;
  private isAstray = false;

  constructor(modem: string, needs: ModemAimNeeds) {
    this.modem = modem;
    this.needs = needs;
    this.wanderer = new Wanderer(modem, needs);
  }

  /** The target as the planner is to see it now. */
  target(): TargetDocument | null {
    const document = this.held()?.document ?? null;
    const { at, radio } = this.aimed;
    // A target that was lost leaves the known good to dial.
    if (at !== 'target') return aimedAt(document ?? this.withoutTarget(at), at);
    return document && radio ? keptTo(document, radio) : document;
  }

  private withoutTarget({ rule: name, profileRef, profile }: Configuration): TargetDocument {
    const { bootstrapPin: pin = null } = this.needs;
    return pin === null ? noTarget : { ...noTarget, rules: [{ name, level: 'device', when: {}, profileRef, profile, pin }] };
  }

  /**
   * Decides what the modem is brought to; a change that it needs is in the journal when this resolves.
   * @returns whether it is another configuration than before: what went wrong on the way to that says nothing of this one
   */
  async take(sighting: Sighting): Promise<boolean> {
    const before = this.wanderer.slot();
    const isRestoring = await this.settle(sighting);
    this.wander(sighting.situation());
    const { dialled } = this.aimed;
    const hasTurned = this.key !== null && dialled !== null && this.key !== dialled.key;
    this.key = dialled?.key ?? this.key;
    const slot = this.wanderer.slot();
    return isRestoring || hasTurned || (slot !== null && slot !== before);
  }

  /** What the modem should be dialled with may not work: then what else there is has its turn. */
  private wander(situation: Situation): void {
    const { dialled, wanted, phase, refusal, slot } = this.aimed;
    const way = this.wanderer.look(situation, { document: this.held()?.document ?? null, dialled, wanted });
    this.aimed = { ...this.aimed, slot: this.wanderer.slot() ?? slot };
    this.isAstray = way !== null;
    if (!way) return;
    const why = refusal ?? changeRefusal('transaction.lost', dialled ? [dialled.profileRef] : []);
    this.aimed = { ...this.aimed, at: way, dialled: way, phase: phase === 'refused' ? phase : 'given-up', refusal: why };
  }

  /** Settles what it should be dialled with. @returns whether what a change wrote to the radio is to be restored from now on */
  private async settle(sighting: Sighting): Promise<boolean> {
    const { changes } = this.needs;
    const held = this.held();
    const version = held?.version ?? null;
    const wasRestoring = this.aimed.radio !== null;
    this.aimed = { ...free, version };
    const situation = sighting.situation();
    const { memory, nowMs } = situation;
    if (this.workedMs === null || memory.verifiedSinceMs !== null) this.workedMs = nowMs;
    const iccid = situation.observed.sim?.iccid ?? null;
    const open = changes.openAt(this.modem);
    const slot = situation.observed.simSlot;
    const stranger = open && iccid !== null && !concernsSim(open, { iccid, slot }) ? iccid : null;
    const isNews = stranger !== this.stranger;
    this.stranger = stranger;
    // A slot that was just left may be told with the SIM of the one before: who ends the change is seen twice.
    if (open && stranger && isNews && goesToOtherSlot(open) && slot !== open.to.slot) {
      this.takeWithoutTarget(situation, null);
      return false;
    }
    if (open && stranger) {
      const restored = this.restoredRadio(open, { ...situation, memory: wasRestoring ? memory : rememberTarget(memory) });
      if (restored) {
        this.aimed = { ...this.aimed, ...restored, phase: 'under-way' };
        return !wasRestoring;
      }
      await changes.simChanged(this.modem, slot);
    }
    const reading = this.read(situation, held);
    if (reading.kind === 'wanted' && held) {
      const { configuration: wanted } = reading.wanted;
      const aim = await this.aimFor(reading.wanted, { situation, sighting, held });
      this.aimed = { ...this.aimed, wanted: wanted.isSimUnread ? null : wanted };
      this.turnTo(aim, isAsNamed(aim.configuration, wanted) ? 'target' : aim.configuration);
      return false;
    }
    if (reading.kind === 'refused' && version) await changes.refused(this.modem, version, reading.refusal);
    this.takeWithoutTarget(situation, reading.kind === 'refused' ? reading.refusal : null);
    return false;
  }

  /** A change that another SIM ends leaves the radio as it was before it, as far as it can be written: else the way for the new one might be barred. */
  private restoredRadio(open: Transaction, situation: Situation): Pick<Aimed, 'at' | 'radio'> | null {
    const { from } = open;
    const document = this.held()?.document;
    const rule = document ? matchingRule(document, situation.observed) : null;
    const isRead = goesToOtherSlot(open) && situation.observed.simSlot === open.to.slot;
    const radio = from && !isRead ? owedRadio(from.profile, rule?.profile ?? {}, situation) : null;
    // Where no rule holds for it, the one that led to the change is as good: the radio is settled before anything is dialled.
    return radio && from ? { at: rule ? 'target' : { ...from, profile: { ...from.profile, ...radio } }, radio } : null;
  }

  /** What the target wants. Nobody goes to another slot before there is something in this one to come back to: it is settled first. */
  private read(situation: Situation, held: Held | null): WantedReading {
    const { changes } = this.needs;
    const open = changes.openAt(this.modem);
    const reading = wantedOf(situation, held);
    if (!held || reading.kind !== 'wanted' || !reading.wanted.configuration.isSimUnread) return reading;
    // A change that has no way back in this slot would have none from the other.
    if (open && (open.from || goesToOtherSlot(open))) return reading;
    const { configuration, iccid } = reading.wanted;
    // What is up in a change from nothing may be what it dialled itself: nothing to come back to before it is confirmed.
    const found = open ? null : foundOf(situation, configuration.mode, { stored: null, document: held.document });
    // Whoever looks for what works looks in both slots: a change would hold it to the one way of either.
    if (found || (changes.knownGoodAt({ modem: this.modem, iccid }) && !this.wanderer.isUnderWay())) return reading;
    return wantedOf(situation, { ...held, document: inThisSlot(held.document) });
  }

  private async aimFor(wanted: Wanted, { situation, sighting, held }: Judging): Promise<Aim> {
    const { changes } = this.needs;
    const isNew = changes.openAt(this.modem) === null && changes.knownGoodAt(wanted) === null;
    const stored = isNew && situation.observed.bearer?.active ? await sighting.storedAuth() : null;
    const bootstrap = bootstrapOf(situation, this.needs.bootstrap);
    const isBootstrap = bootstrap !== null && isDialledWith(situation, bootstrap);
    const read = isNew ? foundOf(situation, wanted.configuration.mode, { stored, document: held.document }) : null;
    const found = isNew && isBootstrap ? bootstrap : read;
    const budgetMs = situation.model ? changeBudgetMs(situation.model, wanted.configuration.profile) : 0;
    const lostAtMs = (this.workedMs ?? situation.nowMs) + budgetMs;
    const isLost = situation.nowMs >= lostAtMs;
    if (!isLost) this.aimed = { ...this.aimed, lostAtMs };
    return changes.aim(wanted, { found, bootstrap, radio: situation.observed, budgetMs, isLost });
  }

  /** What the target wants cannot be told now, or cannot be done: an open change goes on, else what is known good is dialled. */
  private takeWithoutTarget(situation: Situation, refusal: Refusal | null): void {
    const { changes } = this.needs;
    const iccid = situation.observed.sim?.iccid ?? null;
    const open = changes.openAt(this.modem);
    if (open) {
      const aim = aimAt(open);
      const { configuration: at } = aim;
      // What is dialled in a slot whose SIM was not read yet is the target's to say, once it was.
      return this.turnTo({ ...aim, refusal: aim.refusal ?? refusal }, at.isSimUnread ? 'target' : at);
    }
    const phase = refusal ? 'refused' : 'unknown';
    const known = iccid === null ? null : changes.knownGoodAt({ modem: this.modem, iccid });
    const configuration = known ?? (refusal || !this.needs.held() ? this.lastResort(situation) : null);
    if (configuration) return this.turnTo({ configuration, phase, refusal }, configuration);
    this.aimed = { ...this.aimed, phase, refusal, slot: this.firstSlot(situation) };
  }

  /** A modem of which nothing was ever known good, and whose slot is empty, has nothing to lose in the other one. */
  private firstSlot({ observed }: Situation): SimSlot | null {
    const rules = this.held()?.document.rules ?? [];
    if (observed.sim?.state !== 'absent' || this.needs.changes.knownSims(this.modem).length > 0) return null;
    return slotRule(rules, simSubject(observed))?.simSlot ?? null;
  }

  /**
   * Without a target that can be done, or anything known good: the bootstrap profile. A bearer that is up with another APN stays, and is left
   * alone where the host's own routes are enough.
   */
  private lastResort(situation: Situation): Configuration | null {
    const bootstrap = bootstrapOf(situation, this.needs.bootstrap);
    if (!bootstrap) return null;
    if (isDialledWith(situation, bootstrap) || !situation.observed.bearer?.active) return bootstrap;
    return this.needs.needsBearer ? foundOf(situation, bootstrap.mode, { stored: null, document: noTarget }) : null;
  }

  /**
   * Where the target leaves the data mode open, it is this one from now on, until the agent restarts. Then the host chooses anew: a composition that a
   * change confirmed is still the modem's own, but nothing is set in the modem for PPP.
   * @returns the mode that the rule names instead; null where it leaves that open
   */
  insist(mode: DataMode, observed: ObservedModem): DataMode | null {
    this.leaveModeOpen();
    const document = this.target();
    const named = (document && matchingRule(document, observed)?.profile.dataMode) ?? 'auto';
    if (named !== 'auto') return named;
    this.insisted = mode;
    return null;
  }

  leaveModeOpen(): void {
    this.insisted = null;
  }

  /** Somebody wants the modem dialled as its target says, now: a change that waits for its next try waits no longer. */
  dialNow(): Promise<void> {
    this.wanderer.comeBack();
    return this.needs.changes.endPause(this.modem);
  }

  private held(): Held | null {
    const held = this.needs.held();
    return held && this.insisted ? { ...held, document: insistingOn(held.document, this.insisted) } : held;
  }

  /** Tells the change how the modem stands to it. @returns whether the change aims at something else since */
  async looked(decision: Decision, reach: Reach): Promise<boolean> {
    const before = this.openKey();
    await this.needs.changes.looked(this.modem, this.standingOf(decision, reach));
    return before !== null && this.openKey() !== before;
  }

  private standingOf(decision: Decision, reach: Reach): Standing {
    const open = this.needs.changes.openAt(this.modem);
    const aim = open && aimOf(open);
    const newSlot = open && goesToOtherSlot(open) && aim?.key === open.to.key ? (aim.slot ?? null) : null;
    const standing = standingOf(decision, reach, newSlot);
    return aim?.isSimUnread || this.aimed.radio || this.isAstray ? withoutAgreement(standing) : standing;
  }

  /** The SIM slot that the modem is to use; null: the one in use. */
  slot(): SimSlot | null {
    return this.aimed.slot;
  }

  /** Whether what the modem is brought to may name this of its radio. */
  names(field: RadioLimit['field']): boolean {
    const open = this.needs.changes.openAt(this.modem);
    const profiles = [...(this.target()?.rules ?? []), ...(open ? [open.to, open.from ?? open.to] : [])].map(({ profile }) => profile);
    return profiles.some((profile) => profile[field] !== undefined);
  }

  /** Whether the modem is being brought to something new; a way back is none. */
  isChanging(): boolean {
    const open = this.needs.changes.openAt(this.modem);
    return open !== null && open.phase !== 'reverting';
  }

  /** Whether a change of the modem is open, on its way or on its way back. */
  isOpen(): boolean {
    return this.needs.changes.openAt(this.modem) !== null;
  }

  /** When the modem is to be looked at again at the latest. */
  wakeAtMs(): number {
    const { phase, lostAtMs } = this.aimed;
    const refusedUntilMs = phase === 'refused' ? lostAtMs : Number.POSITIVE_INFINITY;
    return Math.min(this.needs.changes.wakeAtMs(this.modem), this.wanderer.wakeAtMs(), refusedUntilMs);
  }

  view(): ChangeView {
    const open = this.needs.changes.openAt(this.modem);
    const { version, phase, refusal, pause } = this.aimed;
    if (!open) return { phase, refusal, version, open: null, pause };
    const { id: transaction, phase: now, reach } = open;
    const told = now === 'confirmed' ? null : { transaction, phase: now, reach };
    return { phase: phaseOf(open), refusal: open.refusal, version, open: told };
  }

  private turnTo({ configuration: dialled, phase, refusal, pause }: Aim, at: Aimed['at']): void {
    const slot = this.needs.changes.openAt(this.modem) ? (dialled.slot ?? null) : null;
    this.aimed = { ...this.aimed, at, dialled, slot, phase, refusal, pause };
  }

  private openKey(): string | null {
    const open = this.needs.changes.openAt(this.modem);
    return open && aimOf(open).key;
  }
}

interface Judging {
  readonly situation: Situation;
  readonly sighting: Sighting;
  readonly held: Held;
}
