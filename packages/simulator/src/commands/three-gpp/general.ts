import { withRunning, withStored } from '../../modem/modem-state.ts';
import { accepted, type CommandTable, integer, ok, okWith, refused } from '../command.ts';

/** Basic commands (V.250) and the identity of the modem (TS 27.007 clause 5). */
export const generalCommands: CommandTable = {
  E: ({ state, role, command }) => {
    const echo = command.args[0] !== '0';
    return okWith(withRunning(state, { echo: { ...state.running.echo, [role]: echo } }));
  },
  // Only the answers in words (V1) are simulated.
  V: ({ command }) => (command.args[0] === '0' ? refused : ok()),
  Q: ({ command }) => (command.args[0] === '1' ? refused : ok()),
  X: accepted,
  S: accepted,
  Z: ({ state, role }) => okWith(withRunning(state, { echo: { ...state.running.echo, [role]: true } })),
  '&C': accepted,
  '&D': accepted,
  '&W': accepted,
  '&F': ({ state, role }) => okWith(withRunning(withStored(state, { stale: false }), { echo: { ...state.running.echo, [role]: true } })),
  I: ({ world }) => ok(...world.character.information(world.imei)),
  '+CGMI': ({ world }) => ok(world.character.manufacturer),
  '+GMI': ({ world }) => ok(world.character.manufacturer),
  '+CGMM': ({ world }) => ok(world.character.product),
  '+GMM': ({ world }) => ok(world.character.product),
  '+CGMR': ({ world }) => ok(world.character.revision),
  '+GMR': ({ world }) => ok(world.character.revision),
  '+CGSN': ({ world }) => ok(world.imei),
  '+GSN': ({ world }) => ok(world.imei),
  '+GCAP': () => ok('+GCAP: +CGSM'),
  '+CMEE': ({ state, command }) => {
    if (command.form === 'read') return ok(`+CMEE: ${state.running.errorFormat}`);
    const format = integer(command.args[0]);
    return format === 0 || format === 1 || format === 2 ? okWith(withRunning(state, { errorFormat: format })) : refused;
  },
  '+CSCS': ({ command }) => (command.form === 'read' ? ok('+CSCS: "IRA"') : ok()),
  '+CTZU': accepted,
  '+CGEREP': accepted,
  '+IFC': accepted,
};
