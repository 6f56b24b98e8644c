import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import {
  parseFileSize,
  parseGroupIdentifier,
  parseIccid,
  parseMncLength,
  parseSimState,
  parseSubscriberNumber,
  pinTriesParsers,
} from '../at/replies/sim-replies.ts';
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

/** EF_GID1 (28478): first how long it is, for cards refuse to be read beyond the end. */
const groupIdentifierFile = 28478;
const sizeGroupIdentifier = atCommand(`AT+CRSM=192,${groupIdentifierFile},0,0,15`);
/** The longest that is compared with; nobody is known to use more than a few octets. */
const maxGroupIdentifierOctets = 20;

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

/** Empty where the SIM has none, or the modem does not let its files be read; null: to be asked again. */
async function readGroupIdentifier(link: ModemLink): Promise<string | null> {
  const size = await link.read({ command: sizeGroupIdentifier, parse: parseFileSize });
  if (!size.ok) return isRefusal(size.failure) ? '' : null;
  if (size.value === 0) return '';
  const command = atCommand(`AT+CRSM=176,${groupIdentifierFile},0,0,${Math.min(size.value, maxGroupIdentifierOctets)}`);
  const octets = await link.read({ command, parse: parseGroupIdentifier });
  if (octets.ok) return octets.value;
  return isRefusal(octets.failure) ? '' : null;
}

/** What of a card does not change, and costs commands to find. */
interface KnownCard {
  readonly imsi: string;
  readonly homePlmn: string;
  /** Null while it could not be asked. */
  readonly gid1: string | null;
}

async function readCard(link: ModemLink, imsi: string, known: KnownCard | undefined): Promise<KnownCard> {
  if (known?.imsi === imsi && known.gid1 !== null) return known;
  const homePlmn = known?.imsi === imsi ? known.homePlmn : await readHomePlmn(link, imsi);
  return { imsi, homePlmn, gid1: await readGroupIdentifier(link) };
}

/** Reads the SIM. Home PLMN and group identifier are kept per IMSI, since finding them costs commands. */
export function createSimReader(link: ModemLink): () => Promise<Reading<Sim>> {
  let known: KnownCard | undefined;
  return async () => {
    const state = await readState(link);
    if (!state.ok) return state;
    if (state.value === 'absent') {
      return { ok: true, value: { state: 'absent', iccid: null, imsi: null, homePlmn: null, pinTriesLeft: null } };
    }
    const iccid = await readIccid(link);
    const isReady = state.value === 'ready';
    const pinTriesLeft = isReady ? null : await readPinTries(link);
    const asked = isReady ? await link.read({ command: atCommand('AT+CIMI'), parse: parseSubscriberNumber }) : null;
    if (asked && !asked.ok && !isRefusal(asked.failure)) return asked;
    const imsi = asked?.ok ? asked.value : null;
    known = imsi === null ? undefined : await readCard(link, imsi, known);
    const homePlmn = known?.homePlmn ?? null;
    return {
      ok: true,
      value: { state: state.value, iccid, imsi, homePlmn, ...(known?.gid1 ? { gid1: known.gid1 } : {}), pinTriesLeft },
    };
  };
}

/** Sends a PIN, once. `decidePin` says before whether it may be. */
export async function enterPin(link: ModemLink, pin: string): Promise<Reading<void>> {
  return acknowledged(await link.ask(atSet('+CPIN', { kind: 'pin', value: pin }), link.model.bounds.simReady));
}
