import { atCommand } from '../at/at-command.ts';
import { type OperatorReply, parseOperator } from '../at/replies/operator-reply.ts';
import { ratOf } from '../at/replies/rat-of.ts';
import { parseRegistration, type RegistrationReply } from '../at/replies/registration-reply.ts';
import type { Registration } from '../driver.ts';
import type { ModemFailure, Reading } from '../failure.ts';
import type { RegistrationDialect } from '../models/dialects.schema.ts';
import { failed, isRefusal, type ModemLink } from './modem-link.ts';

const names = { c5greg: '+C5GREG', cereg: '+CEREG', cgreg: '+CGREG', creg: '+CREG' } as const;
const questions = {
  c5greg: atCommand('AT+C5GREG?'),
  cereg: atCommand('AT+CEREG?'),
  cgreg: atCommand('AT+CGREG?'),
  creg: atCommand('AT+CREG?'),
} as const;

const askOperator = atCommand('AT+COPS?');
const asNumber = atCommand('AT+COPS=3,2');
const asName = atCommand('AT+COPS=3,0');

/** One domain's answer. */
export interface DomainRegistration {
  readonly dialect: RegistrationDialect;
  readonly reply: RegistrationReply;
}

const registered = ({ reply }: DomainRegistration): boolean => reply.state === 'home' || reply.state === 'roaming';

/**
 * The answer that counts, of those in the model's order. A registered packet domain wins: an EP06 with a data-only SIM
 * said `+CREG: 2,3` (denied) while CEREG was 1. Else a domain that is busy or refused, else whatever answered; CREG
 * speaks only where no packet domain does.
 */
export function chooseDomain(answers: readonly DomainRegistration[]): DomainRegistration | undefined {
  const packet = answers.filter((answer) => answer.dialect !== 'creg');
  const telling = ({ reply }: DomainRegistration): boolean => reply.state === 'searching' || reply.state === 'denied';
  return packet.find(registered) ?? packet.find(telling) ?? packet[0] ?? answers[0];
}

async function readDomains(link: ModemLink): Promise<Reading<readonly DomainRegistration[]>> {
  const answers: DomainRegistration[] = [];
  let failure: ModemFailure = { code: 'at.unparsable', evidence: [] };
  for (const dialect of link.model.dialects.registration) {
    if (dialect === 'creg' && answers.length > 0) break;
    const reading = await link.read({
      command: questions[dialect],
      parse: (lines) => parseRegistration(lines, names[dialect]),
    });
    if (reading.ok) answers.push({ dialect, reply: reading.value });
    else if (isRefusal(reading.failure)) failure = reading.failure;
    else return reading;
    if (answers.some(registered)) break;
  }
  return answers.length > 0 ? { ok: true, value: answers } : failed(failure);
}

async function askForOperator(link: ModemLink): Promise<OperatorReply | null> {
  const reading = await link.read({ command: askOperator, parse: parseOperator });
  return reading.ok ? reading.value : null;
}

async function setFormat(link: ModemLink, format: typeof asNumber): Promise<boolean> {
  return (await link.ask(format)).ok;
}

/** As digits. The format outlasts the question, and every reply says which it has: it is only set where it is another. */
async function readOperator(link: ModemLink): Promise<OperatorReply | null> {
  const told = await askForOperator(link);
  if (told === null || told.format === null || told.format === 2) return told;
  return (await setFormat(link, asNumber)) ? askForOperator(link) : null;
}

async function readName(link: ModemLink): Promise<string | null> {
  if (!(await setFormat(link, asName))) return null;
  const told = await askForOperator(link);
  await setFormat(link, asNumber);
  return told?.name ?? null;
}

/** Reads the registration. An operator's name is kept per PLMN, since asking for it costs three commands. */
export function createRegistrationReader(link: ModemLink): () => Promise<Reading<Registration>> {
  let known: { readonly plmn: string; readonly name: string | null } | undefined;
  return async () => {
    const domains = await readDomains(link);
    if (!domains.ok) return domains;
    const reply = chooseDomain(domains.value)?.reply;
    if (!reply) return failed({ code: 'at.unparsable', evidence: [] });
    const { state, area, cell } = reply;
    if (state !== 'home' && state !== 'roaming') {
      return { ok: true, value: { state, area, cell, rat: null, servingPlmn: null, operator: null } };
    }
    const operator = await readOperator(link);
    const plmn = operator?.plmn ?? null;
    if (plmn !== null && plmn !== known?.plmn) known = { plmn, name: await readName(link) };
    const act8IsCatM1 = link.model.quirks.includes('act-8-is-cat-m1');
    // COPS tells EN-DC (13) where CEREG goes on saying E-UTRAN.
    const rat = ratOf(operator?.accessTechnology ?? reply.accessTechnology, act8IsCatM1);
    return { ok: true, value: { state, area, cell, rat, servingPlmn: plmn, operator: plmn === null ? null : (known?.name ?? null) } };
  };
}
