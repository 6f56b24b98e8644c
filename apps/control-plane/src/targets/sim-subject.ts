import type { ModemState, SimSubject } from '@towline/protocol';

/** What is not known of a modem: no condition but an empty one holds. */
export const unknownSim: SimSubject = { homePlmn: null, iccid: null, imsi: null, gid1: null, roaming: null, model: null, firmware: null };

const roamingOf: Readonly<Record<string, boolean>> = { home: false, roaming: true };

/** What a rule's conditions are asked of, from what the modem last reported. */
export function simSubjectOf({
  sim,
  registration,
  model,
  firmware,
  roaming: steady,
}: Pick<ModemState, 'sim' | 'registration' | 'model' | 'firmware' | 'roaming'>): SimSubject {
  const seen = registration ? (roamingOf[registration.state] ?? null) : null;
  return {
    homePlmn: sim?.homePlmn ?? null,
    iccid: sim?.iccid ?? null,
    imsi: sim?.imsi ?? null,
    gid1: sim?.gid1 ?? null,
    roaming: steady ?? seen,
    model,
    firmware,
  };
}
