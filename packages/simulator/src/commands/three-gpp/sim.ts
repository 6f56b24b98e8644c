import { settlePin } from '../../modem/card-lock.ts';
import type { PinVerdict, SimulatedSim } from '../../modem/simulated-sim.ts';
import { type Answer, type Call, type CommandTable, cme, type Handler, ok, okWith, refused } from '../command.ts';

/** Refuses as TS 27.007 does without a card or with one that is not unlocked. */
export function withSim(handle: (call: Call, sim: SimulatedSim) => Answer): Handler {
  return (call) => {
    const sim = call.world.sim();
    if (!sim) return cme(10);
    if (call.world.behaviours.find('sim-busy')) return cme(14);
    return handle(call, sim);
  };
}

/** The same, and the PIN must have been given. */
export function withUnlockedSim(handle: (call: Call, sim: SimulatedSim) => Answer): Handler {
  return withSim((call, sim) => {
    if (call.state.running.pin === 'verified') return handle(call, sim);
    return cme(call.state.running.pin === 'asked' ? 11 : 12);
  });
}

const cpinWords = { verified: 'READY', asked: 'SIM PIN', blocked: 'SIM PUK' } as const;

function afterPin(call: Call, verdict: PinVerdict): Answer {
  const { state, world } = call;
  if (verdict === 'refused') return cme(16);
  const step = settlePin(state, world, verdict);
  return verdict === 'blocked' ? { ...cme(12), state: step.state } : okWith(step.state, step.effects);
}

const cpin = withSim((call, sim) => {
  const { state, command } = call;
  if (command.form === 'read') return ok(`+CPIN: ${cpinWords[state.running.pin]}`);
  if (command.form === 'test') return ok();
  const [first = '', second] = command.args;
  if (state.running.pin === 'asked' && second === undefined) return afterPin(call, sim.tryPin(first));
  if (state.running.pin === 'blocked' && second !== undefined) {
    // A wrong PUK leaves the card blocked: CME 16 as long as PUK tries are left.
    const verdict = sim.unblock(first, second);
    return verdict === 'accepted' ? afterPin(call, verdict) : cme(verdict === 'refused' ? 16 : 13);
  }
  return cme(3);
});

const clck = withSim(({ command }, sim) => {
  const [facility, mode, password = ''] = command.args;
  if (facility?.toUpperCase() !== 'SC') return cme(4);
  if (mode === '2') return ok(`+CLCK: ${sim.locked() ? 1 : 0}`);
  const verdict = sim.setLock(mode === '1', password);
  if (verdict === 'accepted') return ok();
  return cme(verdict === 'refused' ? 16 : 12);
});

/** The card: TS 27.007 clauses 8.3, 7.4 and 5.6. */
export const simCommands: CommandTable = {
  '+CPIN': cpin,
  '+CLCK': clck,
  '+CIMI': withUnlockedSim((call, sim) => (call.command.form === 'run' ? ok(sim.imsi) : ok())),
  '+CNUM': withUnlockedSim(() => ok()),
};

/** `AT+CPINC?`: tries left of PIN 1, PIN 2, PUK 1, PUK 2. */
export const pinCounters: CommandTable = {
  '+CPINC': withSim((call, sim) =>
    call.command.form === 'set' ? refused : ok(`+CPINC: ${sim.pinTriesLeft()},3,${sim.pukTriesLeft()},10`),
  ),
};
