import type { Cancel } from '@towline/kit';
import type { FailureCode, Reading } from './failure.ts';
import type { Bands } from './models/bands.schema.ts';
import type { Model } from './models/model.schema.ts';
import type { RadioAccess } from './models/radio-access.schema.ts';
import type { SimSlot } from './models/sim-slots.schema.ts';
import type { Questions } from './operations/questions.ts';
import type { ShortMessages } from './operations/short-messages.ts';

export type DataMode = 'qmi' | 'mbim' | 'ecm' | 'rndis' | 'ncm' | 'ppp';
export type IpType = 'ipv4' | 'ipv6' | 'ipv4v6';
export type AuthMethod = 'none' | 'pap' | 'chap';

export interface Identity {
  readonly manufacturer: string;
  readonly product: string;
  readonly firmware: string;
  /** 15 digits. */
  readonly imei: string;
}

export type SimState = 'ready' | 'pin-required' | 'puk-required' | 'absent' | 'busy' | 'failed';

export interface Sim {
  readonly state: SimState;
  readonly iccid: string | null;
  /** Null while the SIM is locked. */
  readonly imsi: string | null;
  /** MCC-MNC of the SIM, five or six digits. Null while unknown. */
  readonly homePlmn: string | null;
  /** EF_GID1, hexadecimal in capitals without the FF that fills it; left out where the SIM has none or the modem cannot tell. */
  readonly gid1?: string;
  /** Tries left for PIN 1; null where the modem cannot tell, and of a SIM that asks for none. */
  readonly pinTriesLeft: number | null;
}

export type RegistrationState = 'not-searching' | 'home' | 'searching' | 'denied' | 'unknown' | 'roaming';
export type Rat = 'gsm' | 'umts' | 'lte' | 'lte-m' | 'nb-iot' | 'nr-nsa' | 'nr-sa';

export interface Registration {
  /** Of the packet domain: C5GREG, else CEREG, else CGREG; CREG only where nothing else answers. */
  readonly state: RegistrationState;
  readonly rat: Rat | null;
  /** Serving PLMN, MCC-MNC digits. */
  readonly servingPlmn: string | null;
  readonly operator: string | null;
  /** Tracking or location area and cell identity, hexadecimal as the modem gives them. */
  readonly area: string | null;
  readonly cell: string | null;
}

/** Power in dBm, ratios in dB; null where the modem or the technology has no such value. */
export interface Signal {
  readonly rssiDbm: number | null;
  readonly rsrpDbm: number | null;
  readonly rsrqDb: number | null;
  readonly sinrDb: number | null;
}

/** What is dialled with. `password` is a secret: it reaches the modem and nothing else. */
export interface BearerRequest {
  readonly contextId: number;
  readonly apn: string;
  readonly ipType: IpType;
  readonly auth: AuthMethod;
  readonly username?: string;
  readonly password?: string;
}

/** A PDP context as the modem has it stored: what was asked for, not what the network gave. */
export interface StoredContext {
  readonly contextId: number;
  readonly apn: string;
  readonly ipType: IpType | null;
}

/** How a context authenticates, as far as a modem reads it back. Holds a secret: it goes into no log and no report. */
export interface StoredAuth {
  readonly auth: AuthMethod;
  readonly username: string;
  readonly password: string;
}

/** An address that the network gave the host, as the modem's control port or pppd tells it. */
export interface BearerAddress {
  /** IPv4 or IPv6, as text. */
  readonly address: string;
  readonly prefixLength: number;
  /** Null on a link to one peer only. */
  readonly gateway: string | null;
}

/** How the host's interface comes to what it needs. */
export interface BearerSettings {
  /**
   * - `static`: the addresses are to be set as they stand here (QMI, MBIM).
   * - `dhcp`: the modem serves DHCP and router advertisements on its interface (ECM, RNDIS, NCM).
   * - `ppp`: pppd has set the IPv4 address and the link-local IPv6 one; a global IPv6 one comes by router advertisement.
   * - `none`: nothing is up yet.
   */
  readonly addressing: 'static' | 'dhcp' | 'ppp' | 'none';
  /** Name of the interface at this moment; null while there is none. */
  readonly interface: string | null;
  readonly addresses: readonly BearerAddress[];
  readonly dns: readonly string[];
  /** Bytes; null where the network did not say. */
  readonly mtu: number | null;
}

/** What the network gave (CGCONTRDP, CGPADDR), where the modem can tell. */
export interface EffectiveBearer {
  readonly active: boolean;
  /** With the operator suffix (`.mnc007.mcc262.gprs`) taken off. Null where the modem cannot tell. */
  readonly apn: string | null;
  readonly addresses: readonly string[];
  readonly dns: readonly string[];
  /** What the host has to do about it; null where the driver was given no interface of this modem (AT only). */
  readonly settings: BearerSettings | null;
}

/** What is dialled, and how packets cross USB. */
export interface DialRequest extends BearerRequest {
  readonly mode: DataMode;
}

/**
 * All that the agent does with one modem over its AT port, in the words of the field. One command is on its way at a time.
 * Every operation ends within a bound of its own; none throws for what a modem may answer.
 */
export interface ModemDriver {
  readonly model: Model;
  identify(): Promise<Reading<Identity>>;
  /** The slot whose SIM is in use; null where the modem has one alone. */
  readSimSlot(): Promise<Reading<SimSlot | null>>;
  readSim(): Promise<Reading<Sim>>;
  /** Sends a PIN once. Whether it may be sent is decided before, by `decidePin`. */
  enterPin(pin: string): Promise<Reading<void>>;
  readRegistration(): Promise<Reading<Registration>>;
  readSignal(): Promise<Reading<Signal>>;
  /** Degrees Celsius of the hottest sensor; null where the model has none. */
  readTemperature(): Promise<Reading<number | null>>;
  readRadio(): Promise<Reading<'on' | 'off'>>;
  setRadio(state: 'on' | 'off'): Promise<Reading<void>>;
  /** Leaves the packet domain and attaches again; every bearer goes down with it. */
  reattach(): Promise<Reading<void>>;
  readContext(contextId: number): Promise<Reading<StoredContext | null>>;
  /** What radio technology the modem is kept to; null where its model has no such setting, or it stands at one that the model does not list. */
  readRadioAccess(): Promise<Reading<RadioAccess | null>>;
  /** The bands that the modem may use, as far as its model lists them; null where it has no such setting, or uses none of them. */
  readBands(): Promise<Reading<Bands | null>>;
  /** How a context authenticates; null where the modem does not tell, or not all of it. Holds a secret. */
  readAuth(contextId: number): Promise<Reading<StoredAuth | null>>;
  /** Reads, compares, and writes only what differs (CGDCONT, QICSGP, CGAUTH, $QCPDPP by model). */
  writeContext(request: BearerRequest): Promise<Reading<{ readonly written: boolean }>>;
  readDataMode(): Promise<Reading<DataMode>>;
  /** The data modes that the firmware itself lists (`=?`); null: it does not say. `ppp` is none of them: every composition has it. */
  readOfferedModes(): Promise<Reading<readonly DataMode[] | null>>;
  /** Starts the data connection in the data mode that the modem is in, or in `ppp`. */
  dial(request: DialRequest): Promise<Reading<void>>;
  /** Idempotent: hanging up an idle bearer succeeds. */
  hangUp(request: { readonly contextId: number; readonly mode: DataMode }): Promise<Reading<void>>;
  readBearer(contextId: number, mode: DataMode): Promise<Reading<EffectiveBearer>>;
  /** Restarts the modem; its ports go away and come back. */
  reset(): Promise<Reading<void>>;
  /** Unsolicited lines that change what is known: link down, SIM gone, registration changed. */
  onNotice(listen: (notice: ModemNotice) => void): Cancel;
  /** Lets go of the ports. */
  close(): Promise<void>;
}

/** A driver that can also change how packets cross USB, and reads what comes in by SMS. */
export interface SwitchableModemDriver extends ModemDriver {
  /** Reads, compares, writes only what differs, and reads until the modem shows it. `value.refused` for what the model cannot be kept to. */
  writeRadioAccess(access: RadioAccess): Promise<Reading<{ readonly written: boolean }>>;
  /** The same for the bands of the technologies that are named; the others are left alone. */
  writeBands(bands: Bands): Promise<Reading<{ readonly written: boolean }>>;
  /** The same for the slot whose SIM is used: what comes after it is another card. */
  writeSimSlot(slot: SimSlot): Promise<Reading<{ readonly written: boolean }>>;
  /**
   * Reads, compares, and writes the data mode only when it differs. `appliedBy` of the model says what brings it into force:
   * a reset, which is the caller's to order, or the modem itself, which then restarts at once. `value.refused` for a mode
   * that the model cannot be switched to, `mode.not-offered` for one that this firmware's own list does not have.
   */
  writeDataMode(mode: DataMode): Promise<Reading<{ readonly written: boolean }>>;
  readonly shortMessages: ShortMessages;
  readonly questions: Questions;
}

export type ModemNotice =
  | { readonly kind: 'registration' }
  /** `code`: why, where that was told. */
  | { readonly kind: 'bearer-down'; readonly evidence: string; readonly code?: FailureCode }
  | { readonly kind: 'sim-changed' }
  /** A call on its way has its network interface, over which nothing comes yet. */
  | { readonly kind: 'interface-made'; readonly interface: string }
  /** A short message came in. */
  | { readonly kind: 'short-message' }
  | { readonly kind: 'restarted'; readonly evidence: string }
  | { readonly kind: 'port-closed'; readonly evidence: string };
