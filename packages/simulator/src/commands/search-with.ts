import { withStored } from '../modem/modem-state.ts';
import { startSearch } from '../modem/registration.ts';
import { type Answer, type Call, okWith } from './command.ts';

/** Settings that were written: a modem that is to look elsewhere leaves the network and searches anew. */
export function searchWith({ state, world }: Call, settings: ReadonlyMap<string, string>): Answer {
  const stored = withStored(state, { settings });
  const isSame = [...settings].every(([key, value]) => state.stored.settings.get(key) === value);
  if (isSame) return okWith(stored);
  const step = startSearch(stored, world);
  return okWith(step.state, step.effects);
}
