import type { Clock } from '@towline/kit';
import type { Assignment, AssignmentOutcome, CreateAssignment, DryRunRisk, VersionRef } from '@towline/protocol/http';
import type { DryRunService } from '../dry-run/dry-run.service.ts';
import type { Caller } from '../operators/authorise.ts';
import { refusal } from '../platform/refusal.ts';
import { approvalCauses, type Excess, isBounded } from '../rollouts/approval/approval-causes.ts';
import { lookForRisks } from '../rollouts/approval/look-for-risks.ts';
import { shownOutcome } from './decide-assignment.ts';
import type { OpenPolicy, TargetComposer } from './target-composer.ts';
import type { AssignmentTransaction, TargetsRepository } from './targets.repository.ts';

const tooMuch = ({ cause, devices, bound }: Excess): string =>
  `${bound} ${bound === 1 ? 'device' : 'devices'}${cause === 'size' ? '' : ` with the risk ${cause}`}, and with these it would be ${devices}`;

const tooMuchAlone = (excesses: readonly Excess[]): string =>
  `in 24 hours one person may change alone at most ${excesses.map(tooMuch).join('; ')}. Make it a rollout, which somebody else approves`;

/** Devices assigned in one transaction. */
const chunkSize = 100;

/** Assigns by hand, at once and without waves: the smallest of rollouts. It writes targets as they do, and nothing else writes any. */
export class AssignmentsService {
  readonly #targets: TargetsRepository;
  readonly #composer: TargetComposer;
  readonly #dryRuns: Pick<DryRunService, 'run'>;
  readonly #clock: Clock;

  constructor(targets: TargetsRepository, composer: TargetComposer, dryRuns: Pick<DryRunService, 'run'>, clock: Clock) {
    this.#targets = targets;
    this.#composer = composer;
    this.#dryRuns = dryRuns;
    this.#clock = clock;
  }

  /** Sent again after it was cut short, it finishes the rest: what is assigned already is unchanged then. */
  async assign(caller: Caller, request: CreateAssignment): Promise<Assignment> {
    const open = await this.#composer.open(caller.tenant, request.policy);
    if (!open) throw refusal('request.invalid', 'nothing was assigned', [{ path: 'policy', message: 'no such policy version' }]);
    const ids = [...new Set(request.devices)].sort();
    await this.#requireAlone(caller, request.policy, ids);
    const outcomes: AssignmentOutcome[] = [];
    for (let start = 0; start < ids.length; start += chunkSize) {
      const chunk = ids.slice(start, start + chunkSize);
      outcomes.push(...(await this.#targets.assign(caller.tenant, (tx) => this.#assignChunk(tx, { caller, request, open, chunk }))));
    }
    const count = (outcome: AssignmentOutcome['outcome']) => outcomes.filter((one) => one.outcome === outcome).length;
    return {
      policy: request.policy,
      assigned: count('assigned'),
      unchanged: count('unchanged'),
      refused: count('refused'),
      devices: outcomes,
    };
  }

  /** Nobody approves an assignment, so it stays within what one person may roll out alone, with all that this one did so of late. */
  async #requireAlone(caller: Caller, policy: VersionRef, devices: string[]): Promise<void> {
    const bounds = await this.#targets.approvalBounds(caller.tenant);
    if (!isBounded(bounds)) return;
    const found = new Map<string, readonly DryRunRisk[]>();
    const dryRun = { policy, selection: { devices } };
    const onDevice = (device: string, its: readonly DryRunRisk[]) => found.set(device, its);
    const risks = await lookForRisks(this.#dryRuns, { caller, bounds, dryRun, onDevice });
    const own = { devices: devices.length, later: 0, risks };
    await this.#targets.noteAssigned(caller, {
      devices: devices.map((id) => ({ id, risks: found.get(id) ?? [] })),
      check: (alone) => {
        const excesses = approvalCauses(own, alone, bounds);
        if (excesses.length > 0) throw refusal('rollout.second-person', tooMuchAlone(excesses));
      },
    });
  }

  async #assignChunk(
    tx: AssignmentTransaction,
    { caller, request, open, chunk }: { caller: Caller; request: CreateAssignment; open: OpenPolicy; chunk: readonly string[] },
  ): Promise<AssignmentOutcome[]> {
    const databaseEpoch = await tx.databaseEpoch();
    const devices = await tx.devices(chunk);
    const decided = devices.map((device) => ({ device, decision: this.#composer.decide(device, open, databaseEpoch) }));
    const targets = decided.flatMap(({ device, decision }) => this.#composer.newTarget(device.id, decision));
    const { policy, note } = request;
    if (targets.length > 0) await tx.write({ caller, policy, note, at: new Date(this.#clock.wallMs()), targets });
    const known = new Map(decided.map(({ device, decision }) => [device.id, shownOutcome(device.id, decision)]));
    return chunk.map((device) => known.get(device) ?? { device, outcome: 'refused', code: 'device.not-found' });
  }
}
