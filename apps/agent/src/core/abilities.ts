import type { Model } from '@towline/modem';
import { type Abilities, dataModeSchema } from '@towline/protocol';
import { type DialMeans, dialMode } from './dial-mode.ts';
import type { ObservedModem } from './observed.ts';
import { currentMode } from './stages/ready.ts';

type Outages = Pick<Abilities, 'redialS' | 'reattachS' | 'switchS'>;

/** Seconds that the link may be away, each step of it at its model's bound: the same steps as the stages order. */
function outages({ bounds, technology }: Model): Outages {
  const register = technology === 'lpwa' ? bounds.registerLpwa : bounds.register;
  const redialS = bounds.hangUp + bounds.dial + bounds.address;
  const reattachS = redialS + 2 * bounds.radio + register;
  return { redialS, reattachS, switchS: reattachS + bounds.reenumerate + bounds.simReady };
}

function radioAbilities({ radioAccess, bands, simSlots }: Model): Pick<Abilities, 'radioAccess' | 'bands' | 'simSlots'> {
  const supported = bands?.technologies.map((one) => [one.technology, one.supported]);
  return {
    ...(simSlots ? { simSlots: 2 } : {}),
    ...(radioAccess ? { radioAccess: radioAccess.modes.map(({ access }) => access) } : {}),
    ...(supported ? { bands: Object.fromEntries(supported) } : {}),
  };
}

/** What can be done with this modem where it is; null while it is not known. */
export function abilitiesOf(observed: ObservedModem, model: Model | null, means: DialMeans): Abilities | null {
  if (!model) return null;
  const current = currentMode(observed);
  const answers = dataModeSchema.options.flatMap((mode) => {
    const answer = dialMode({ wanted: mode, current, offered: observed.offeredModes, model, means });
    return answer.ok ? [answer] : [];
  });
  const modesWhere = (switches: boolean) => answers.filter((answer) => answer.switches === switches).map(({ mode }) => mode);
  return { modes: modesWhere(false), switches: modesWhere(true), ...radioAbilities(model), ...outages(model) };
}

/** Ways out of the gateway besides its modems: of what each look at a bearer's surroundings saw. Null where nothing was seen. */
export function uplinksOf(seen: readonly ObservedModem[]): string[] | null {
  const hosts = seen.flatMap(({ host }) => (host?.otherWays ? [{ own: host.interface, ways: host.otherWays }] : []));
  if (hosts.length === 0) return null;
  const own = new Set(hosts.map((host) => host.own));
  return [...new Set(hosts.flatMap(({ ways }) => ways))]
    .filter((name) => !own.has(name))
    .sort()
    .slice(0, 8);
}
