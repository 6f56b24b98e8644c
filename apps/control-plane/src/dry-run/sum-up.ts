import { type DryRunDevice, type DryRunRisk, type DryRunSummary, type EffectKind, effectKindSchema } from '@towline/protocol/http';

/** The greatest of these counts for a device. */
const byWeight: readonly EffectKind[] = effectKindSchema.options;

const riskTexts: readonly (readonly [DryRunRisk, string])[] = [
  ['uplink.only', 'change their only uplink'],
  ['lifeline.none', 'have no lifeline'],
  ['uplink.unknown', 'do not tell whether they have another uplink'],
  ['roaming.refused', 'roam and would be taken down'],
  ['mode.unavailable', 'cannot be dialled in the data mode that is wanted'],
  ['radio-access.unavailable', 'cannot be kept to the radio technology that is wanted'],
  ['bands.unavailable', 'cannot be kept to the bands that are wanted'],
  ['sim-slot.unavailable', 'have a modem without a second SIM slot'],
  ['sim.unseen', 'go to a SIM that nobody has seen there'],
  ['rule.none', 'have a SIM that no rule holds for'],
  ['agent.old', 'have an agent that does not tell what it can do'],
  ['change.under-way', 'have a change under way'],
  ['signal.weak', 'have a weak signal'],
  ['jobs.open', 'have open jobs'],
  ['site.on-hold', 'stand at a site on hold'],
  ['device.offline', 'are offline'],
];

const countsOf = (counts: ReadonlyMap<string, number>) =>
  [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((left, right) => right.count - left.count || left.value.localeCompare(right.value));

/** Adds devices up as they come: it holds numbers only, however many there are. */
export class DryRunSum {
  #devices = 0;
  #assigned = 0;
  #unchanged = 0;
  #cut = 0;
  readonly #refused = new Map<string, number>();
  readonly #effects = new Map<string, number>();
  readonly #risks = new Map<string, number>();
  /** Devices by seconds of outage: bounded by the sums of bounds that models have. */
  readonly #outages = new Map<number, number>();

  add({ outcome, code, modems, risks }: DryRunDevice): void {
    this.#devices += 1;
    if (outcome === 'assigned') this.#assigned += 1;
    if (outcome === 'unchanged') this.#unchanged += 1;
    if (code !== null) increase(this.#refused, code);
    for (const risk of risks) increase(this.#risks, risk);
    if (outcome !== 'assigned') return;
    increase(this.#effects, byWeight.findLast((kind) => modems.some((modem) => modem.kind === kind)) ?? 'none');
    const cut = modems.filter(({ cutsLink }) => cutsLink);
    if (cut.length > 0) this.#cut += 1;
    const seconds = cut.flatMap(({ outageS }) => outageS ?? []);
    if (seconds.length > 0) increase(this.#outages, Math.max(...seconds));
  }

  summary(): DryRunSummary {
    const outage = this.#outage();
    return {
      kind: 'summary',
      devices: this.#devices,
      assigned: this.#assigned,
      unchanged: this.#unchanged,
      refused: countsOf(this.#refused),
      cut: this.#cut,
      effects: countsOf(this.#effects),
      risks: countsOf(this.#risks),
      outage,
      text: this.#text(outage?.maxS ?? null),
    };
  }

  #outage(): DryRunSummary['outage'] {
    const sorted = [...this.#outages].toSorted(([left], [right]) => left - right);
    const all = sorted.reduce((sum, [, count]) => sum + count, 0);
    let passed = 0;
    const median = sorted.find(([, count]) => (passed += count) * 2 >= all);
    const last = sorted.at(-1);
    return median && last ? { medianS: median[0], maxS: last[0] } : null;
  }

  #text(maxS: number | null): string {
    const refused = [...this.#refused.values()].reduce((sum, count) => sum + count, 0);
    const long = maxS === null ? '' : ` for at most ${maxS} s`;
    const parts = [
      `${this.#cut} of ${this.#devices} devices lose their link${this.#cut > 0 ? long : ''}`,
      ...riskTexts.flatMap(([risk, text]) => (this.#risks.has(risk) ? [`${this.#risks.get(risk)} ${text}`] : [])),
      ...(refused > 0 ? [`${refused} get no target`] : []),
    ];
    return `${parts.join(', ')}.`;
  }
}

function increase<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
