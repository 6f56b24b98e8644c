import { sleep } from '@towline/kit';
import { atCommand } from '../at/at-command.ts';
import { parseText } from '../at/replies/identity-replies.ts';
import type { Reading } from '../failure.ts';
import type { Model } from '../models/model.schema.ts';
import { matchModel } from '../models/models.ts';
import { isRefusal, type ModemLink } from './modem-link.ts';

/** ModemManager probes an AT port this often (ID_MM_TTY_AT_PROBE_TRIES); a modem that boots misses the first ones. */
const probeTries = 3;
const probeSeconds = 3;
const probePauseMs = 1000;

async function probe(link: ModemLink): Promise<Reading<readonly string[]>> {
  let reply = await link.ask(atCommand('AT'), probeSeconds);
  for (let tries = 1; !reply.ok && reply.failure.code !== 'at.port-closed' && tries < probeTries; tries += 1) {
    await sleep(link.clock, probePauseMs);
    reply = await link.ask(atCommand('AT'), probeSeconds);
  }
  return reply;
}

/** Echo off, errors as numbers. Also after `AT&F`, which undoes both. */
export async function setReplyFormat(link: ModemLink): Promise<Reading<readonly string[]>> {
  const echo = await link.ask(atCommand('ATE0'));
  if (!echo.ok) return echo;
  return link.ask(atCommand('AT+CMEE=1'));
}

/** Makes sure that a modem answers on this port, and in the form that the parsers expect. */
export async function openDialogue(link: ModemLink): Promise<Reading<readonly string[]>> {
  const answered = await probe(link);
  if (!answered.ok) return answered;
  const format = await setReplyFormat(link);
  // A modem without CMEE answers plain ERROR for everything, which is poorer but works.
  return format.ok || !isRefusal(format.failure) ? format : { ok: true, value: [] };
}

/** Finds out which model answers; the generic one when no file describes it. */
export async function recogniseModel(link: ModemLink): Promise<Reading<Model>> {
  const texts: string[] = [];
  for (const command of ['AT+CGMI', 'AT+CGMM', 'ATI']) {
    const reply = await link.ask(atCommand(command));
    if (!reply.ok && !isRefusal(reply.failure)) return reply;
    const lines = reply.ok ? reply.value : [];
    texts.push(command === 'ATI' ? lines.join('\n') : (parseText(lines) ?? ''));
  }
  const [manufacturer = '', product = '', information = ''] = texts;
  const model = matchModel({ manufacturer, product, information });
  link.log.info('modem.identified', { manufacturer, product, model: model.id });
  return { ok: true, value: model };
}

const registrationReports = {
  c5greg: atCommand('AT+C5GREG=2'),
  cereg: atCommand('AT+CEREG=2'),
  cgreg: atCommand('AT+CGREG=2'),
  creg: atCommand('AT+CREG=2'),
} as const;

/** Asks for unsolicited registration lines with area and cell. What a firmware refuses here it goes without. */
export async function subscribeToRegistration(link: ModemLink): Promise<void> {
  for (const dialect of link.model.dialects.registration) await link.ask(registrationReports[dialect]);
}
