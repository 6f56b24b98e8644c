import type { Cancel } from '@towline/kit';
import type { SimSlot } from '@towline/modem';
import { executeLine, type LineOutcome } from '../commands/execute-line.ts';
import { compositionMask, compositionType } from '../commands/sierra/module.ts';
import type { NetworkEvent } from '../network/operator-network.ts';
import { releaseBearer } from './bearers.ts';
import { bootedState, pinAfterCardChange } from './boot.ts';
import { type ModemState, type NonVolatile, type PortRole, withRunning } from './modem-state.ts';
import { settleRegistration, startSearch } from './registration.ts';
import type { Effect, Step } from './step.ts';
import type { World } from './world.ts';

/** What the core tells those who hold its ports. */
export interface CoreEvents {
  unsolicited(line: string): void;
  noCarrier(role: PortRole): void;
  /** The ports went away or came back. */
  presence(present: boolean): void;
  /** A bearer or a call began or ended. */
  dataChanged(): void;
  /** The card of this slot is used from now on. */
  slotChosen(slot: SimSlot): void;
  /** Anything of the state is another now. */
  changed(): void;
}

export interface CoreClock {
  schedule(delayMs: number, run: () => void): Cancel;
}

/**
 * State of one modem and what carries its effects out. It holds timers only for what is under way (a boot, a search
 * for the network); a modem that is registered and idle holds none.
 */
export class ModemCore {
  readonly #world: World;
  readonly #clock: CoreClock;
  readonly #events: CoreEvents;
  #state: ModemState;
  #present = true;
  #plugged = true;
  #hung = false;
  #look: Cancel | null = null;
  #boot: Cancel | null = null;

  constructor(world: World, clock: CoreClock, start: { events: CoreEvents; stored: NonVolatile; cold: boolean }) {
    this.#world = world;
    this.#clock = clock;
    this.#events = start.events;
    const booted = bootedState(start.stored, world);
    const searchingSinceMs = start.cold ? booted.running.searchingSinceMs : Number.NEGATIVE_INFINITY;
    this.#state = withRunning(booted, { searchingSinceMs });
    this.#take(settleRegistration(this.#state, world));
  }

  get state(): ModemState {
    return this.#state;
  }

  get present(): boolean {
    return this.#present;
  }

  get hung(): boolean {
    return this.#hung;
  }

  /** Whether the composition in force has this port. */
  hasPort(role: PortRole): boolean {
    if (!this.#present) return false;
    const { settings } = this.#state.stored;
    const mask = settings.get(compositionMask);
    const noModemPort = mask !== undefined && (Number.parseInt(mask, 16) & 0x8) === 0;
    const lostByType = this.#world.character.id === 'em7565' && settings.get(compositionType) === '1';
    return role === 'debug' || !(noModemPort || lostByType) || this.#state.running.dataMode !== this.#state.stored.dataMode;
  }

  execute(role: PortRole, line: string): LineOutcome {
    const outcome = executeLine(this.#state, this.#world, { role, line });
    this.#become(outcome.state);
    return outcome;
  }

  carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) this.#carryOut(effect);
  }

  /** Runs a pure step and carries out what it causes. */
  apply(step: (state: ModemState, world: World) => Step): void {
    this.#take(step(this.#state, this.#world));
  }

  networkEvent(event: NetworkEvent): void {
    if (!this.#present) return;
    if (event.kind === 'coverage') return this.apply(settleRegistration);
    this.apply((state, world) => {
      const ids = [...state.running.bearers].filter(
        ([, { grant }]) => event.accessPoint === null || grant.accessPoint.toLowerCase().startsWith(`${event.accessPoint}.mnc`),
      );
      return ids.reduce<Step>(
        (step, [contextId]) => {
          const next = releaseBearer(step.state, world, { contextId, cause: event.cause });
          return { state: next.state, effects: [...step.effects, ...next.effects] };
        },
        { state, effects: [] },
      );
    });
  }

  /** A card was put in or taken out, or its contact changed. */
  cardChanged(): void {
    if (!this.#present) return;
    this.apply((state, world) => startSearch(withRunning(state, { pin: pinAfterCardChange(world) }), world));
    if (this.#world.sim() === null) this.#events.unsolicited('+CPIN: NOT READY');
  }

  restart(): void {
    if (!this.#plugged) return;
    this.#drop();
    this.#boot = this.#clock.schedule(this.#world.character.reenumerateMs, () => this.#comeBack());
  }

  setPlugged(plugged: boolean): void {
    if (plugged === this.#plugged) return;
    this.#plugged = plugged;
    if (plugged) this.restart();
    else this.#drop();
  }

  #drop(): void {
    this.#look?.();
    this.#look = null;
    this.#boot?.();
    this.#boot = null;
    this.#hung = false;
    const wasPresent = this.#present;
    this.#present = false;
    this.#become(bootedState(this.#state.stored, this.#world));
    if (wasPresent) this.#events.presence(false);
  }

  #comeBack(): void {
    this.#boot = null;
    this.#present = true;
    this.#become(bootedState(this.#state.stored, this.#world));
    this.#events.presence(true);
    for (const { line, afterMs } of this.#world.character.bootLines) {
      if (line === '+CPIN: READY' && this.#state.running.pin !== 'verified') continue;
      this.#clock.schedule(afterMs, () => this.#events.unsolicited(line));
    }
    this.apply(startSearch);
  }

  #become(state: ModemState): void {
    if (state === this.#state) return;
    const { running: before, stored } = this.#state;
    this.#state = state;
    if (stored.simSlot !== state.stored.simSlot) this.#events.slotChosen(state.stored.simSlot);
    const { bearers, networkCall, pppCall } = this.#state.running;
    if (before.bearers !== bearers || before.networkCall !== networkCall || before.pppCall !== pppCall) this.#events.dataChanged();
    this.#events.changed();
  }

  #take(step: Step): void {
    this.#become(step.state);
    this.carryOut(step.effects);
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'unsolicited':
        if (effect.afterMs === undefined) this.#events.unsolicited(effect.line);
        else this.#clock.schedule(effect.afterMs, () => this.#events.unsolicited(effect.line));
        return;
      case 'restart':
        return this.restart();
      case 'no-carrier':
        return this.#events.noCarrier(effect.role);
      case 'look-for-network':
        this.#look?.();
        this.#look = this.#clock.schedule(effect.afterMs, () => {
          this.#look = null;
          this.apply(settleRegistration);
        });
        return;
      case 'dialled':
        return this.#dialled(effect.contextId);
    }
  }

  #dialled(contextId: number): void {
    const { behaviours } = this.#world;
    if (behaviours.find('hangs-after-dial')) this.#hung = true;
    const drop = behaviours.find('drops-carrier');
    if (!drop) return;
    this.#clock.schedule(drop.afterMs, () => {
      if (this.#present) this.apply((state, world) => releaseBearer(state, world, { contextId, cause: 38 }));
    });
  }
}
