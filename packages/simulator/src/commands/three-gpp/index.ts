import type { CommandTable } from '../command.ts';
import { contextCommands } from './contexts.ts';
import { dialCommands } from './dial.ts';
import { generalCommands } from './general.ts';
import { radioCommands } from './radio.ts';
import { shortMessageCommands } from './short-messages.ts';
import { simCommands } from './sim.ts';

/** What every modem answers. */
export const threeGppCommands: CommandTable = {
  ...generalCommands,
  ...simCommands,
  ...radioCommands,
  ...contextCommands,
  ...dialCommands,
  ...shortMessageCommands,
};
