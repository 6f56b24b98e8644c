import type { ModemState, SimSubject } from '@towline/protocol';

/** What is not known of a modem: no condition but an empty one holds. */
export const unknownSim: SimSubject = { homePlmn: null, iccid: null, imsi: null, roaming: null, model: null };

const roamingOf: Readonly<Record<string, boolean>> = { home: false, roaming: true };

/** What a rule's conditions are asked of, from what the modem last reported. */
export function simSubjectOf({ sim, registration, model }: ModemState): SimSubject {
  const roaming = registration ? (roamingOf[registration.state] ?? null) : null;
  return { homePlmn: sim?.homePlmn ?? null, iccid: sim?.iccid ?? null, imsi: sim?.imsi ?? null, roaming, model };
}
