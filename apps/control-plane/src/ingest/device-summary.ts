import type { ModemState, StateReport } from '@towline/protocol';

/** The columns of a device that operators filter and sort by, drawn from its first modem. */
export interface DeviceSummary {
  readonly model: string | null;
  readonly imei: string | null;
  readonly iccid: string | null;
  readonly imsi: string | null;
  readonly homePlmn: string | null;
  readonly servingPlmn: string | null;
  readonly registration: string | null;
  readonly connectionState: string | null;
  readonly apn: string | null;
  readonly faultCode: string | null;
  /** dBm: RSRP where the technology has it, else RSSI. */
  readonly signalDbm: number | null;
}

function signalOf(modem: ModemState | undefined): number | null {
  return modem?.signal?.rsrpDbm ?? modem?.signal?.rssiDbm ?? null;
}

/** A fault of any modem counts, the first one's first: a device with a broken second modem must be findable. */
export function summariseDevice({ modems }: Pick<StateReport, 'modems'>): DeviceSummary {
  const [first] = modems;
  return {
    model: first?.model ?? null,
    imei: first?.imei ?? null,
    iccid: first?.sim?.iccid ?? null,
    imsi: first?.sim?.imsi ?? null,
    homePlmn: first?.sim?.homePlmn ?? null,
    servingPlmn: first?.registration?.servingPlmn ?? null,
    registration: first?.registration?.state ?? null,
    connectionState: first?.connection ?? null,
    apn: first?.bearer?.apn ?? first?.bearer?.requestedApn ?? null,
    faultCode: modems.find((modem) => modem.fault)?.fault?.code ?? null,
    signalDbm: signalOf(first),
  };
}
