import type { DataMode } from '@towline/modem';
import type { ModemState, NonVolatile, Running } from './modem-state.ts';
import type { World } from './world.ts';

/** What a modem has stored when it leaves its factory. */
export function factoryState(dataMode: DataMode): NonVolatile {
  return {
    contexts: new Map(),
    auth: new Map(),
    dataMode,
    autoDial: null,
    simSlot: 1,
    settings: new Map(),
    stale: false,
    inbox: new Map(),
  };
}

function pinAtPowerUp(world: World): Running['pin'] {
  const sim = world.sim();
  if (!sim?.locked()) return 'verified';
  return sim.pinTriesLeft() === 0 ? 'blocked' : 'asked';
}

/** The modem just after power-up: everything that is not stored is forgotten. */
export function bootedState(stored: NonVolatile, world: World): ModemState {
  const nowMs = world.nowMs();
  return {
    stored,
    running: {
      bootedMs: nowMs,
      echo: { at: true, ppp: true, debug: false },
      errorFormat: world.character.errorFormatAtBoot,
      functionality: world.behaviours.find('fcc-locked') ? 4 : 1,
      searchingSinceMs: nowMs,
      pin: pinAtPowerUp(world),
      reporting: { '+CREG': 0, '+CGREG': 0, '+CEREG': 0, '+C5GREG': 0 },
      selection: 'automatic',
      operatorFormat: 0,
      registration: 0,
      rat: null,
      packetAttached: false,
      bearers: new Map(),
      slotChosenMs: null,
      networkCall: null,
      pppCall: null,
      dataMode: stored.dataMode,
      lastCause: null,
      unlocked: false,
      fccAuthenticated: false,
      tellsMessages: false,
    },
  };
}

/** A card was taken out, put in, or lost contact. */
export function pinAfterCardChange(world: World): Running['pin'] {
  return pinAtPowerUp(world);
}
