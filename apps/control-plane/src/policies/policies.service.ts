import type {
  AddPolicyVersion,
  CreatePolicy,
  FieldError,
  Page,
  PageQuery,
  Policy,
  PolicyDiff,
  PolicyDiffQuery,
  PolicyRule,
  PolicyVersion,
  PolicyVersionSummary,
} from '@towline/protocol/http';
import type { Caller } from '../operators/authorise.ts';
import { found, refusal } from '../platform/refusal.ts';
import type { Sealer } from '../platform/sealer.ts';
import { readStoredProfile } from '../profiles/stored-profile.ts';
import { profileRef } from '../targets/compose.ts';
import type { PoliciesRepository, StoredPolicyVersion } from './policies.repository.ts';
import { diffFields, diffRules } from './policy-diff.ts';
import { policyWarnings } from './policy-warnings.ts';
import { openPolicy, readStoredPolicy, showRule, storePolicy } from './stored-rules.ts';
import { type ProfileTemplates, variableWarnings } from './variable-warnings.ts';

function shown(version: StoredPolicyVersion, templates: ProfileTemplates): PolicyVersion {
  const { rules: stored, variables, settings } = readStoredPolicy(version.document);
  const rules = stored.map(showRule);
  const { id, name, createdBy } = version;
  return {
    id,
    name,
    version: version.version,
    rules,
    variables,
    settings,
    warnings: [...policyWarnings(rules), ...variableWarnings(rules, variables, templates)],
    createdAt: version.createdAt.toISOString(),
    createdBy,
  };
}

/** Policies are versions that never change; saving one moves no link. */
export class PoliciesService {
  readonly #policies: PoliciesRepository;
  readonly #sealer: Sealer;

  constructor(policies: PoliciesRepository, sealer: Sealer) {
    this.#policies = policies;
    this.#sealer = sealer;
  }

  list(caller: Caller, query: PageQuery): Promise<Page<Policy>> {
    return this.#policies.list(caller.tenant, query);
  }

  async listVersions(caller: Caller, id: string, query: PageQuery): Promise<Page<PolicyVersionSummary>> {
    return found(await this.#policies.listVersions(caller.tenant, id, query), 'policy');
  }

  async getVersion(caller: Caller, id: string, version: number): Promise<PolicyVersion> {
    return this.#shown(caller, found(await this.#policies.getVersion(caller.tenant, id, version), 'policy version'));
  }

  async create(caller: Caller, { name, ...document }: CreatePolicy): Promise<PolicyVersion> {
    await this.#refuseUnknown(caller, document.rules);
    return this.#shown(caller, await this.#policies.create(caller, { name, document: storePolicy(document, this.#sealer) }));
  }

  async addVersion(caller: Caller, id: string, document: AddPolicyVersion): Promise<PolicyVersion> {
    await this.#refuseUnknown(caller, document.rules);
    return this.#shown(caller, found(await this.#policies.addVersion(caller, id, storePolicy(document, this.#sealer)), 'policy'));
  }

  async #shown(caller: Caller, version: StoredPolicyVersion): Promise<PolicyVersion> {
    const refs = readStoredPolicy(version.document).rules.map((rule) => rule.profile);
    const documents = await this.#policies.profileDocuments(caller.tenant, refs);
    return shown(version, new Map([...documents].map(([ref, document]) => [ref, readStoredProfile(document)])));
  }

  async diff(caller: Caller, id: string, { from, to }: PolicyDiffQuery): Promise<PolicyDiff> {
    const read = async (version: number) =>
      openPolicy(found(await this.#policies.getVersion(caller.tenant, id, version), 'policy version').document, this.#sealer);
    const [before, after] = [await read(from), await read(to)];
    return { from, to, changes: diffRules(before.rules, after.rules), fields: diffFields(before, after) };
  }

  async #refuseUnknown(caller: Caller, rules: readonly PolicyRule[]): Promise<void> {
    const unknown = await this.#policies.unknownReferences(caller.tenant, rules);
    const errors: FieldError[] = rules.flatMap((rule, index) => [
      ...(unknown.profiles.has(profileRef(rule.profile)) ? [{ path: `rules[${index}].profile`, message: 'no such profile version' }] : []),
      ...(rule.subject !== undefined && unknown.subjects.has(rule.subject)
        ? [{ path: `rules[${index}].subject`, message: `no such ${rule.level}` }]
        : []),
    ]);
    if (errors.length > 0) throw refusal('request.invalid', 'rules point at what does not exist; nothing was stored', errors);
  }
}
