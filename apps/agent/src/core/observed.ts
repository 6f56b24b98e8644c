import type {
  Bands,
  DataMode,
  EffectiveBearer,
  Identity,
  ModemFailure,
  RadioAccess,
  Registration,
  Signal,
  Sim,
  SimSlot,
  StoredContext,
} from '@towline/modem';
import type { ObservedHost } from './host-network/host-network.ts';
import type { FoundModem } from './usb/found-modem.ts';

/** A modem on USB as the kernel shows it, whether or not it answers. */
export type UsbSight = Pick<
  FoundModem,
  'attachment' | 'vidPid' | 'role' | 'product' | 'dataMode' | 'unbound' | 'lostAtPort' | 'needsNewId' | 'listedAs'
> & { readonly path: string };

/**
 * What one look at one modem saw, as plain JSON. A look goes on as far as the modem lets it: what was not reached is null,
 * and `failure` says what stopped it.
 */
export interface ObservedModem {
  /** What the configuration calls the modem. */
  readonly id: string;
  /** Null where the modem is not on USB, or not now. */
  readonly usb: UsbSight | null;
  /** Model id of @towline/modem; null while no port answers. */
  readonly model: string | null;
  /** Whether the AT port is open and its modem answered. */
  readonly answering: boolean;
  readonly identity: Identity | null;
  readonly radio: 'on' | 'off' | null;
  /** The slot whose SIM is in use; null: the modem has one alone, or did not answer. */
  readonly simSlot: SimSlot | null;
  readonly sim: Sim | null;
  readonly registration: Registration | null;
  /** Whether the SIM roams, as rules see it: what lasted. Left out or null: as `registration` says. */
  readonly steadyRoaming?: boolean | null;
  readonly signal: Signal | null;
  /** The PDP context that the agent dials, as the modem has it stored; null also when it is not defined. */
  readonly context: StoredContext | null;
  readonly dataMode: DataMode | null;
  /** What radio technology the modem is kept to, `other`: to none that its model lists. Null: nobody asked, or it did not answer. */
  readonly radioAccess: RadioAccess | 'other' | null;
  /** The bands that it may use, `other`: none that its model lists. Null: nobody asked, or it did not answer. */
  readonly bands: Bands | 'other' | null;
  /** The data modes that the firmware itself lists; null: it does not say. */
  readonly offeredModes: readonly DataMode[] | null;
  readonly bearer: EffectiveBearer | null;
  /** The interface of the bearer, or of the modem's network function while there is no bearer. */
  readonly host: ObservedHost | null;
  readonly failure: ModemFailure | null;
}

/** A modem of which nothing is known (yet). */
export function unseenModem(id: string): ObservedModem {
  return {
    id,
    usb: null,
    model: null,
    answering: false,
    identity: null,
    radio: null,
    simSlot: null,
    sim: null,
    registration: null,
    signal: null,
    context: null,
    dataMode: null,
    radioAccess: null,
    bands: null,
    offeredModes: null,
    bearer: null,
    host: null,
    failure: null,
  };
}
