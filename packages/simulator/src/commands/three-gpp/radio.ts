import { activateBearer, isRegistered, releaseBearer } from '../../modem/bearers.ts';
import { isFccLocked, setFunctionality } from '../../modem/functionality.ts';
import { type RegistrationReport, withRunning } from '../../modem/modem-state.ts';
import { accessTechnology, registrationFields, settleRegistration, startSearch } from '../../modem/registration.ts';
import { type Answer, type Call, type CommandTable, cme, type Handler, integer, ok, okWith, refused } from '../command.ts';

const cfun: Handler = (call) => {
  const { state, command, world } = call;
  if (command.form === 'read') return ok(`+CFUN: ${state.running.functionality}`);
  if (command.form !== 'set') return ok('+CFUN: (0,1,4),(0,1)');
  if (world.behaviours.find('reboots-on-cfun')) return { lines: [], final: { kind: 'none' }, effects: [{ kind: 'restart' }] };
  const level = integer(command.args[0]);
  if (level !== 0 && level !== 1 && level !== 4) return cme(50);
  if (command.args[1] === '1') return { ...ok(), effects: [{ kind: 'restart' }] };
  if (level === state.running.functionality) return ok();
  // Without FCC authentication the command is accepted and changes nothing.
  if (level === 1 && isFccLocked(state, world)) return ok();
  const step = setFunctionality(state, world, level);
  return { ...okWith(step.state, step.effects), takesMs: 800 };
};

function copsRead({ state, world }: Call): Answer {
  const mode = { automatic: 0, manual: 1, deregistered: 2 }[state.running.selection];
  const { rat, operatorFormat } = state.running;
  if (!isRegistered(state) || rat === null) return ok(`+COPS: ${mode}`);
  const name = operatorFormat === 2 ? world.network.plmn : world.network.name;
  return ok(`+COPS: ${mode},${operatorFormat},"${name}",${accessTechnology[rat]}`);
}

function copsSet(call: Call): Answer {
  const { state, world, command } = call;
  const mode = integer(command.args[0]);
  if (mode === 3) {
    const format = integer(command.args[1]);
    return format === 0 || format === 1 || format === 2 ? okWith(withRunning(state, { operatorFormat: format })) : cme(50);
  }
  if (mode === 2) {
    const step = settleRegistration(withRunning(state, { selection: 'deregistered' }), world);
    return { ...okWith(step.state, step.effects), takesMs: 500 };
  }
  if (mode === 1 && command.args[2] !== world.network.plmn && command.args[2] !== world.network.name) return cme(30);
  if (mode !== 0 && mode !== 1) return cme(50);
  const selected = withRunning(state, { selection: mode === 0 ? 'automatic' : 'manual' });
  const step = state.running.selection === 'deregistered' ? startSearch(selected, world) : settleRegistration(selected, world);
  return okWith(step.state, step.effects);
}

const cops: Handler = (call) => {
  if (call.command.form === 'read') return copsRead(call);
  if (call.command.form === 'set') return copsSet(call);
  const { network } = call.world;
  // A scan takes long on purpose: up to 180 s on BG96.
  return { ...ok(`+COPS: (2,"${network.name}","${network.name}","${network.plmn}",7),,(0-4),(0-2)`), takesMs: 30_000 };
};

function registrationHandler(report: RegistrationReport): Handler {
  return (call) => {
    const { state, world, command } = call;
    if (!world.character.registrationReports.includes(report)) return refused;
    const format = state.running.reporting[report];
    if (command.form === 'read') return ok(`${report}: ${format},${registrationFields(state, world, report)}`);
    if (command.form === 'test') return ok(`${report}: (0-2)`);
    const wanted = command.form === 'run' ? 0 : integer(command.args[0]);
    if (wanted !== 0 && wanted !== 1 && wanted !== 2) return cme(50);
    return okWith(withRunning(state, { reporting: { ...state.running.reporting, [report]: wanted } }));
  };
}

const cgatt: Handler = ({ state, world, command }) => {
  if (command.form === 'read') return ok(`+CGATT: ${isRegistered(state) && state.running.packetAttached ? 1 : 0}`);
  if (command.form !== 'set') return ok('+CGATT: (0,1)');
  if (command.args[0] === '0') {
    const step = releaseBearer(withRunning(state, { packetAttached: false }), world, { contextId: null, cause: 36 });
    return { ...okWith(step.state, step.effects), takesMs: 500 };
  }
  if (!isRegistered(state)) return cme(30);
  const activation = activateBearer(withRunning(state, { packetAttached: true }), world, 1);
  return { ...okWith(activation.state), takesMs: 500 };
};

const csq: Handler = ({ state, world }) => {
  if (!isRegistered(state)) return ok('+CSQ: 99,99');
  const level = Math.max(0, Math.min(31, Math.round((world.radio().rssi + 113) / 2)));
  return ok(`+CSQ: ${level},99`);
};

/** TS 27.007 clause 8.69: RSRQ in half dB from -20, RSRP in dB from -141. */
const cesq: Handler = ({ state, world }) => {
  const { rat } = state.running;
  if (!isRegistered(state) || rat === 'gsm' || rat === 'umts') return ok('+CESQ: 99,99,255,255,255,255');
  const { rsrq, rsrp } = world.radio();
  const quality = Math.max(0, Math.min(34, 2 * (rsrq + 20)));
  return ok(`+CESQ: 99,99,255,255,${quality},${Math.max(0, Math.min(97, rsrp + 141))}`);
};

/** Radio, operator, registration, signal: TS 27.007 clauses 7 and 8. */
export const radioCommands: CommandTable = {
  '+CFUN': cfun,
  '+COPS': cops,
  '+CREG': registrationHandler('+CREG'),
  '+CGREG': registrationHandler('+CGREG'),
  '+CEREG': registrationHandler('+CEREG'),
  '+C5GREG': registrationHandler('+C5GREG'),
  '+CGATT': cgatt,
  '+CSQ': csq,
  '+CESQ': cesq,
};
