import { type ModemState, resolveRule, slotRule, type TargetDocument } from '@towline/protocol';
import type { DryRun, DryRunDevice, DryRunLine } from '@towline/protocol/http';
import { readReportedState } from '../devices/reported-state.ts';
import type { Caller } from '../operators/authorise.ts';
import { found, refusal } from '../platform/refusal.ts';
import type { SelectionRepository } from '../targeting/selection.repository.ts';
import { simSubjectOf } from '../targets/sim-subject.ts';
import type { OpenPolicy, TargetComposer } from '../targets/target-composer.ts';
import type { DryRunRepository, ExaminedDevice } from './dry-run.repository.ts';
import { risksOf } from './dry-run-risks.ts';
import { lacking, modemEffect } from './modem-effect.ts';
import { DryRunSum } from './sum-up.ts';

/** Devices looked at by one set of queries. */
const pageSize = 200;

/** Says what a policy version would do, device by device, by what assignments and rollouts compose with. */
export class DryRunService {
  readonly #devices: DryRunRepository;
  readonly #selections: Pick<SelectionRepository, 'pages' | 'requireDevices'>;
  readonly #composer: TargetComposer;

  constructor(devices: DryRunRepository, selections: Pick<SelectionRepository, 'pages' | 'requireDevices'>, composer: TargetComposer) {
    this.#devices = devices;
    this.#selections = selections;
    this.#composer = composer;
  }

  /** The same for a rollout, whatever state it is in: of the devices of its selection that are still there. */
  async *runRollout(caller: Caller, id: string): AsyncGenerator<DryRunLine> {
    yield* this.#tryAll(caller, found(await this.#devices.rollout(caller.tenant, id), 'rollout of a policy version'));
  }

  /** Devices in the order of their ids, then the sum. */
  async *run(caller: Caller, asked: DryRun): AsyncGenerator<DryRunLine> {
    await this.#selections.requireDevices(caller.tenant, asked.selection);
    yield* this.#tryAll(caller, asked);
  }

  async *#tryAll({ tenant }: Caller, { policy, selection }: DryRun): AsyncGenerator<DryRunLine> {
    const open = await this.#composer.open(tenant, policy);
    if (!open) throw refusal('request.invalid', 'nothing was tried', [{ path: 'policy', message: 'no such policy version' }]);
    const epoch = await this.#devices.databaseEpoch();
    const sum = new DryRunSum();
    for await (const ids of this.#selections.pages(tenant, selection, pageSize)) {
      for (const device of await this.#devices.devices(tenant, ids)) {
        const line = this.#try(device, open, epoch);
        sum.add(line);
        yield line;
      }
    }
    yield sum.summary();
  }

  #try({ targeted, facts }: ExaminedDevice, open: OpenPolicy, epoch: number): DryRunDevice {
    const state = readReportedState(facts.reported);
    const modems = state?.modems ?? [];
    // What a hold forbids now is not what the policy would do: it is told among the risks.
    const { decision, document: current } = this.#composer.compare({ ...targeted, onHold: false }, open, epoch);
    const next = decision.outcome === 'assigned' ? decision.document : current;
    const judged = decision.outcome === 'assigned' ? modems.map((modem) => judge(modem, current, next)) : [];
    const { online, signal: signalDbm, openJobs, isChanging } = facts;
    const known = { online, signalDbm, openJobs, isChanging, onHold: targeted.onHold, modems, uplinks: state?.uplinks ?? null };
    return {
      kind: 'device',
      device: targeted.id,
      name: facts.name,
      outcome: decision.outcome,
      code: decision.outcome === 'refused' ? decision.code : null,
      modems: judged.map(({ effect }) => effect),
      risks: decision.outcome === 'assigned' ? risksOf(judged, known) : [],
    };
  }
}

function judge(modem: ModemState, current: TargetDocument | null, next: TargetDocument | null) {
  const subject = simSubjectOf(modem);
  const before = current && resolveRule(current.rules, subject).rule;
  const after = next && resolveRule(next.rules, subject).rule;
  const slot = (next && slotRule(next.rules, subject)?.simSlot) ?? null;
  const input = { modem, before, after, slot };
  return { modem, effect: modemEffect(input), lacking: lacking(input) };
}
