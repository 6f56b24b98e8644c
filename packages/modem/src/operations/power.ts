import { type AtCommand, atCommand } from '../at/at-command.ts';
import { parseRadio } from '../at/replies/identity-replies.ts';
import type { Reading } from '../failure.ts';
import type { ResetDialect } from '../models/dialects.schema.ts';
import { acknowledged, done, isRefusal, type ModemLink } from './modem-link.ts';

const radioOn = atCommand('AT+CFUN=1');
const radioOff = { 'cfun-0': atCommand('AT+CFUN=0'), 'cfun-4': atCommand('AT+CFUN=4') } as const;

const resetCommands: Readonly<Record<ResetDialect, AtCommand>> = {
  'cfun-1-1': atCommand('AT+CFUN=1,1'),
  'sierra-reset': atCommand('AT!RESET'),
  'simcom-creset': atCommand('AT+CRESET'),
  'telit-reboot': atCommand('AT#REBOOT'),
  'huawei-reset': atCommand('AT^RESET'),
};

export async function readRadio(link: ModemLink): Promise<Reading<'on' | 'off'>> {
  return link.read({ command: atCommand('AT+CFUN?'), parse: parseRadio });
}

export async function setRadio(link: ModemLink, state: 'on' | 'off'): Promise<Reading<void>> {
  const command = state === 'on' ? radioOn : radioOff[link.model.dialects.radioOff];
  return acknowledged(await link.ask(command, link.model.bounds.radio));
}

/**
 * Leaves the packet domain and comes back (TS 27.007 clause 10.1.9), which is cheaper than the radio. Leaving may be refused by a
 * modem that the network has put out already; coming back is what must be reached.
 */
export async function reattach(link: ModemLink): Promise<Reading<void>> {
  const left = await link.ask(atCommand('AT+CGATT=0'), link.model.bounds.radio);
  if (!left.ok && !isRefusal(left.failure)) return left;
  return acknowledged(await link.ask(atCommand('AT+CGATT=1'), link.model.bounds.dial));
}

/** A port that goes away is the best answer to a reset. */
export async function resetModem(link: ModemLink): Promise<Reading<void>> {
  const reply = await link.ask(resetCommands[link.model.dialects.reset], link.model.bounds.radio);
  return reply.ok || reply.failure.code === 'at.port-closed' ? done : reply;
}
