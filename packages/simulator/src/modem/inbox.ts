import { encodeSmsDeliver, type SentMessage } from '../sms/encode-sms-deliver.ts';
import type { ModemControl } from './modem-control.ts';
import type { ModemState } from './modem-state.ts';
import type { Step } from './step.ts';

/** As many as a small card holds. */
export const inboxPlaces = 20;

function received(state: ModemState, message: SentMessage): Step {
  const { inbox } = state.stored;
  const index = Array.from({ length: inboxPlaces }, (_, place) => place).find((place) => !inbox.has(place));
  // Full: the network keeps it and tries again later, which nothing here waits for.
  if (index === undefined) return { state, effects: [] };
  const stored = { ...state.stored, inbox: new Map(inbox).set(index, encodeSmsDeliver(message)) };
  const told = state.running.tellsMessages ? [{ kind: 'unsolicited', line: `+CMTI: "SM",${index}` } as const] : [];
  return { state: { ...state, stored }, effects: told };
}

/** A short message comes to the card in this modem, wherever its data connection stands. */
export function receiveShortMessage({ control }: { readonly control: ModemControl }, message: SentMessage): void {
  control.apply((state) => received(state, message));
}
