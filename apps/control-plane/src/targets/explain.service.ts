import type { ModemState, SimSubject } from '@towline/protocol';
import type { ExplainQuery, Explanation, ShownProfile, VersionRef } from '@towline/protocol/http';
import { readReportedState } from '../devices/reported-state.ts';
import type { Caller } from '../operators/authorise.ts';
import { found, refusal } from '../platform/refusal.ts';
import { readStoredPolicy } from '../policies/stored-rules.ts';
import { readStoredProfile, showProfile } from '../profiles/stored-profile.ts';
import { placeRules, profileRef } from './compose.ts';
import { type CandidateRule, explainModem } from './explain.ts';
import { readSealedTarget } from './sealed-target.ts';
import { simSubjectOf, unknownSim } from './sim-subject.ts';
import type { TargetedDevice, TargetsRepository } from './targets.repository.ts';
import { fillTemplates, variablesInForce } from './variables.ts';

/** What the operator asks about replaces what the modem reported. */
function askedSim(reported: SimSubject, { homePlmn, iccid, imsi, gid1, model, firmware, roaming }: ExplainQuery): SimSubject {
  return {
    homePlmn: homePlmn ?? reported.homePlmn,
    iccid: iccid ?? reported.iccid,
    imsi: imsi ?? reported.imsi,
    gid1: gid1 ?? reported.gid1,
    firmware: firmware ?? reported.firmware,
    model: model ?? reported.model,
    roaming: roaming === undefined ? reported.roaming : roaming === 'true',
  };
}

function rulesOfTarget(document: unknown): CandidateRule[] {
  return readSealedTarget(document).rules.map((rule) => ({ ...rule, failed: [], profile: showProfile(rule.profile) }));
}

function askedModems(reported: unknown, query: ExplainQuery): (ModemState | null)[] {
  const modems = readReportedState(reported)?.modems ?? [];
  const asked = modems.filter((modem) => query.modem === undefined || modem.id === query.modem);
  if (query.modem !== undefined && asked.length === 0)
    throw refusal('request.invalid', 'nothing to explain', [{ path: 'modem', message: 'the device reported no such modem' }]);
  return asked.length > 0 ? asked : [null];
}

/** Answers why a device gets its APN, or would. Reads only, and opens no secret. */
export class ExplainService {
  readonly #targets: TargetsRepository;

  constructor(targets: TargetsRepository) {
    this.#targets = targets;
  }

  async explain(caller: Caller, id: string, query: ExplainQuery): Promise<Explanation> {
    const device = found(await this.#targets.device(caller.tenant, id), 'device');
    const { policy, rules } =
      query.policy === undefined
        ? rulesInForce(device)
        : await this.#rulesOfPolicy(caller, device, { id: query.policy, version: query.version });
    const targetRules = device.target && rulesOfTarget(device.target.document);
    const modems = askedModems(await this.#targets.reported(caller.tenant, id), query).map((modem) => {
      const sim = askedSim(modem ? simSubjectOf(modem) : unknownSim, query);
      return explainModem({ modem, sim, rules, targetRules });
    });
    return { device: id, policy, modems };
  }

  async #rulesOfPolicy(caller: Caller, device: TargetedDevice, asked: { id: string; version: number | undefined }) {
    const version = asked.version ?? found(await this.#targets.latestVersion(caller.tenant, asked.id), 'policy');
    const stored = found(await this.#targets.policyVersion(caller.tenant, { id: asked.id, version }), 'policy version');
    const { rules, variables: defaults } = readStoredPolicy(stored.document);
    const documents = await this.#targets.profileDocuments(
      caller.tenant,
      rules.map((rule) => rule.profile),
    );
    const variables = variablesInForce(device.variables, defaults);
    const candidates = placeRules(rules, device).flatMap(({ rule, failed }): CandidateRule[] => {
      const ref = profileRef(rule.profile);
      const document = documents.get(ref);
      if (document === undefined) return [];
      const profile = filledForShow(showProfile(readStoredProfile(document)), variables);
      return [{ name: rule.name, level: rule.level, when: rule.when, simSlot: rule.simSlot, failed, profileRef: ref, profile }];
    });
    return { policy: { id: stored.id, version: stored.version }, rules: candidates };
  }
}

/** Where a value is missing the template stands as it is: the assignment would be refused, and this shows what for. */
function filledForShow(profile: ShownProfile, variables: ReadonlyMap<string, string>): ShownProfile {
  const filled = fillTemplates(profile, variables);
  if (!filled.ok) return profile;
  return { ...profile, apn: filled.apn, ...(filled.username === undefined ? {} : { username: filled.username }) };
}

function rulesInForce(device: TargetedDevice): { policy: VersionRef; rules: CandidateRule[] } {
  if (device.target) return { policy: device.target.policy, rules: rulesOfTarget(device.target.document) };
  throw refusal('request.invalid', 'the device has no target yet', [{ path: 'policy', message: 'name the policy to explain' }]);
}
