import { inboxPlaces } from '../../modem/inbox.ts';
import { type ModemState, withRunning } from '../../modem/modem-state.ts';
import { type Answer, type Call, type CommandTable, cme, integer, ok, okWith } from '../command.ts';
import { withUnlockedSim } from './sim.ts';

/** TS 27.005 clause 3.2.5: invalid memory index. Told as an equipment error, the way modems without text mode do. */
const noSuchPlace = 321;
const withInbox = (state: ModemState, inbox: ModemState['stored']['inbox']): ModemState => ({
  ...state,
  stored: { ...state.stored, inbox },
});

function cmgl({ state }: Call): Answer {
  // 1: read. The length counts the octets after the service centre's, which have one for their own length.
  return ok(
    ...[...state.stored.inbox].flatMap(([index, pdu]) => [
      `+CMGL: ${index},1,,${pdu.length / 2 - Number.parseInt(pdu.slice(0, 2), 16) - 1}`,
      pdu,
    ]),
  );
}

function cmgd({ state, command }: Call): Answer {
  const index = integer(command.args[0]);
  if (index === null || index >= inboxPlaces) return cme(noSuchPlace);
  const inbox = new Map(state.stored.inbox);
  inbox.delete(index);
  return okWith(withInbox(state, inbox));
}

/** TS 27.005, as far as messages that come in: nothing is sent. PDU mode only. */
export const shortMessageCommands: CommandTable = {
  '+CMGF': ({ command }) =>
    command.form === 'set' && command.args[0] !== '0' ? cme(3) : ok(...(command.form === 'read' ? ['+CMGF: 0'] : [])),
  '+CNMI': ({ state, command }) => (command.form === 'set' ? okWith(withRunning(state, { tellsMessages: command.args[1] === '1' })) : ok()),
  '+CPMS': withUnlockedSim(({ state, command }) => {
    const used = `${state.stored.inbox.size},${inboxPlaces}`;
    return command.form === 'read' ? ok(`+CPMS: "SM",${used},"SM",${used},"SM",${used}`) : ok(`+CPMS: ${used},${used},${used}`);
  }),
  '+CMGL': withUnlockedSim(cmgl),
  '+CMGD': withUnlockedSim(cmgd),
};
