import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { parseIccid, parseMncLength, parseSimState, parseSubscriberNumber, pinTriesParsers } from '../at/replies/sim-replies.ts';
import type { Sim, SimState } from '../driver.ts';
import type { FailureCode, Reading } from '../failure.ts';
import type { IccidDialect, PinTriesDialect } from '../models/dialects.schema.ts';
import { homePlmnOf } from '../sim/home-plmn.ts';
import { acknowledged, isRefusal, type ModemLink } from './modem-link.ts';

const iccidCommands: Readonly<Record<IccidDialect, AtCommand>> = {
  qccid: atCommand('AT+QCCID'),
  ccid: atCommand('AT+CCID'),
  iccid: atCommand('AT+ICCID?'),
  ciccid: atCommand('AT+CICCID'),
  'telit-ccid': atCommand('AT#CCID'),
  'huawei-iccid': atCommand('AT^ICCID?'),
};

const pinTriesCommands: Readonly<Record<PinTriesDialect, AtCommand | Reading<AtCommand>>> = {
  qpinc: atSet('+QPINC', { kind: 'keyword', value: 'SC' }),
  cpinc: atCommand('AT+CPINC?'),
  'telit-pct': atCommand('AT#PCT'),
  'huawei-cpin': atCommand('AT^CPIN?'),
};

/** EF_AD (28589), the whole of it: its fourth octet is the length of the MNC. */
const readAdministrativeData = atCommand('AT+CRSM=176,28589,0,0,4');

/** `AT+CPIN?` says some states as an error. */
const statesByFailure: Readonly<Partial<Record<FailureCode, SimState>>> = {
  'sim.absent': 'absent',
  'sim.pin-required': 'pin-required',
  'sim.puk-required': 'puk-required',
  'sim.busy': 'busy',
  'sim.failure': 'failed',
};

async function readState(link: ModemLink): Promise<Reading<SimState>> {
  const reading = await link.read({ command: atCommand('AT+CPIN?'), parse: parseSimState });
  if (reading.ok) return reading;
  const state = statesByFailure[reading.failure.code];
  return state ? { ok: true, value: state } : reading;
}

async function readIccid(link: ModemLink): Promise<string | null> {
  for (const dialect of link.model.dialects.iccid) {
    const reading = await link.read({ command: iccidCommands[dialect], parse: parseIccid });
    if (reading.ok) return reading.value;
  }
  return null;
}

async function readPinTries(link: ModemLink): Promise<number | null> {
  const dialect = link.model.dialects.pinTries;
  if (dialect === null) return null;
  const reading = await link.read({ command: pinTriesCommands[dialect], parse: pinTriesParsers[dialect] });
  return reading.ok ? reading.value : null;
}

async function readHomePlmn(link: ModemLink, imsi: string): Promise<string> {
  const length = await link.read({ command: readAdministrativeData, parse: parseMncLength });
  return homePlmnOf(imsi, length.ok ? length.value : null);
}

/** Reads the SIM. The home PLMN is kept per IMSI, since finding the length of its MNC costs a command. */
export function createSimReader(link: ModemLink): () => Promise<Reading<Sim>> {
  let known: { readonly imsi: string; readonly homePlmn: string } | undefined;
  return async () => {
    const state = await readState(link);
    if (!state.ok) return state;
    if (state.value === 'absent') {
      return { ok: true, value: { state: 'absent', iccid: null, imsi: null, homePlmn: null, pinTriesLeft: null } };
    }
    const iccid = await readIccid(link);
    const pinTriesLeft = await readPinTries(link);
    const asked = state.value === 'ready' ? await link.read({ command: atCommand('AT+CIMI'), parse: parseSubscriberNumber }) : null;
    if (asked && !asked.ok && !isRefusal(asked.failure)) return asked;
    const imsi = asked?.ok ? asked.value : null;
    if (imsi !== null && imsi !== known?.imsi) known = { imsi, homePlmn: await readHomePlmn(link, imsi) };
    return {
      ok: true,
      value: { state: state.value, iccid, imsi, homePlmn: imsi === null ? null : (known?.homePlmn ?? null), pinTriesLeft },
    };
  };
}

/** Sends a PIN, once. `decidePin` says before whether it may be. */
export async function enterPin(link: ModemLink, pin: string): Promise<Reading<void>> {
  return acknowledged(await link.ask(atSet('+CPIN', { kind: 'pin', value: pin }), link.model.bounds.simReady));
}
