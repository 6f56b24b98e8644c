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

/** Transparent files of the card by their number, hexadecimal: EF-AD (TS 31.102 clause 4.2.18) and EF-GID1 (clause 4.2.10). */
function transparentFile(fileId: string | undefined, sim: SimulatedSim): string | null {
  if (fileId === '28589') return `0000000${sim.mncLength}`;
  return fileId === '28478' ? sim.gid1 : null;
}

const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');

/** What a UICC answers to SELECT and GET RESPONSE of a transparent file (TS 102 221 clause 11.1.1.4). Composed: only the tags that matter. */
const fileTemplate = (fileId: string, octets: number) => `620F820241218302${hex(Number(fileId), 4)}8A01058002${hex(octets, 4)}`;

/** `AT+CRSM=<command>,<file>,<P1>,<P2>,<P3>`: 176 is READ BINARY, 192 GET RESPONSE (TS 27.007 clause 8.18). */
const crsm = withUnlockedSim(({ command }, sim) => {
  if (command.form !== 'set') return ok();
  const [instruction, fileId = '', , offset = '0', length = '0'] = command.args;
  const content = transparentFile(fileId, sim);
  if (content === null) return ok('+CRSM: 106,130');
  const octets = content.length / 2;
  if (instruction === '192') return ok(`+CRSM: 144,0,"${fileTemplate(fileId, octets)}"`);
  if (instruction !== '176') return ok('+CRSM: 109,0');
  const last = Number(offset) + Number(length);
  // 6B 00: beyond the end of the file.
  return last > octets ? ok('+CRSM: 107,0') : ok(`+CRSM: 144,0,"${content.slice(2 * Number(offset), 2 * last)}"`);
});

/** The card: TS 27.007 clauses 8.3, 7.4, 5.6 and 8.18. */
export const simCommands: CommandTable = {
  '+CPIN': cpin,
  '+CLCK': clck,
  '+CIMI': withUnlockedSim((call, sim) => (call.command.form === 'run' ? ok(sim.imsi) : ok())),
  '+CRSM': crsm,
  '+CNUM': withUnlockedSim(() => ok()),
};

/** `AT+CPINC?`: tries left of PIN 1, PIN 2, PUK 1, PUK 2. */
export const pinCounters: CommandTable = {
  '+CPINC': withSim((call, sim) =>
    call.command.form === 'set' ? refused : ok(`+CPINC: ${sim.pinTriesLeft()},3,${sim.pukTriesLeft()},10`),
  ),
};
