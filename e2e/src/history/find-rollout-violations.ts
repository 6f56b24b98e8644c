import type { AuditLine, DeviceChange, OperatorCall, RolloutHistory } from './rollout-history.ts';

/** One promise of a rollout that a history breaks. */
export interface RolloutViolation {
  readonly code: /** A device changed twice to one policy version, to the same target or under a new one. */
    | 'changed-twice'
    /** The rollout says that a device succeeded, and it never changed. */
    | 'never-changed'
    /** More devices were on their way at some instant than a cap allows. */
    | 'cap-exceeded'
    | 'site-cap-exceeded'
    /** A device that was not opened yet when a pause was answered began before somebody resumed. */
    | 'opened-while-paused'
    | 'opened-before-its-wave'
    /** The waves of the audit log are not 1, 2, … to the last. */
    | 'wave-skipped'
    /** The audit log tells of a step that the states do not have. */
    | 'off-graph'
    /** An act that was answered ok is not in the audit log. */
    | 'unrecorded'
    /** An act is in the audit log more than once, or although it was refused. */
    | 'recorded-wrongly'
    | 'miscounted';
  /** Device, wave, act or state that it is about. */
  readonly about: string;
}

/** Where each act may begin and where it leads: docs/rollouts.md, told a second time so that the history is judged by a law of its own. */
const graph: Readonly<Record<string, readonly [from: readonly string[], to: string]>> = {
  'rollout.plan': [['draft', 'planned'], 'planned'],
  'rollout.submit': [['planned'], 'scheduled'],
  'rollout.start': [['scheduled'], 'running'],
  'rollout.pause': [['running'], 'paused'],
  'rollout.resume': [['paused'], 'running'],
  'rollout.finish': [['running'], 'finished'],
};

/**
 * What is wrong with the history of a rollout in which every device obeys and no try is allowed but the first. Empty: each device changed
 * once, never more at a time than the caps allow, none after a pause, wave after wave, and all of it is in the audit log.
 */
export function findRolloutViolations(history: RolloutHistory): RolloutViolation[] {
  return [
    ...twice(history),
    ...never(history),
    ...overCap(history),
    ...overSiteCaps(history),
    ...history.calls.flatMap((call) => whilePaused(call, history)),
    ...beforeItsWave(history),
    ...skippedWaves(history),
    ...offGraph(history.audit),
    ...history.calls.flatMap((call) => misrecorded(call, history.audit)),
    ...miscounted(history),
  ];
}

/** Whichever target it was given under: it has one try, so it is to be given one. */
function twice(history: RolloutHistory): RolloutViolation[] {
  const devices = ofRollout(history).map(({ device }) => device);
  const again = new Set(devices.filter((device, index) => devices.indexOf(device) < index));
  return [...again].map((about) => ({ code: 'changed-twice', about }));
}

function never({ members, changes, policy }: RolloutHistory): RolloutViolation[] {
  const changed = new Set(changes.filter((change) => change.policy === policy && change.untilMs !== null).map(({ device }) => device));
  return members
    .filter(({ state, device }) => state === 'succeeded' && !changed.has(device))
    .map(({ device }) => ({ code: 'never-changed', about: device }));
}

/** The most of these that there ever are at one instant; one that ends when another begins makes room for it. */
export function mostAtOnce(changes: readonly Pick<DeviceChange, 'fromMs' | 'untilMs'>[]): number {
  const steps = changes
    .flatMap(({ fromMs, untilMs }) => [
      { atMs: fromMs, by: 1 },
      { atMs: untilMs ?? Number.POSITIVE_INFINITY, by: -1 },
    ])
    .sort((left, right) => left.atMs - right.atMs || left.by - right.by);
  let [now, most] = [0, 0];
  for (const { by } of steps) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

const ofRollout = ({ changes, policy }: RolloutHistory) => changes.filter((change) => change.policy === policy);

function overCap(history: RolloutHistory): RolloutViolation[] {
  const most = mostAtOnce(ofRollout(history));
  return most > history.caps.inFlight ? [{ code: 'cap-exceeded', about: String(most) }] : [];
}

function overSiteCaps(history: RolloutHistory): RolloutViolation[] {
  const sites = new Set(history.members.flatMap(({ site }) => site ?? []));
  const at = (site: string) => new Set(history.members.filter((member) => member.site === site).map(({ device }) => device));
  return [...sites]
    .filter((site) => {
      const devices = at(site);
      return mostAtOnce(ofRollout(history).filter(({ device }) => devices.has(device))) > history.caps.perSite;
    })
    .map((about) => ({ code: 'site-cap-exceeded', about }));
}

/** What was on its way when the pause was answered may still arrive; nothing else may, until somebody resumes. */
function whilePaused({ act, outcome, answeredMs, stillToOpen }: OperatorCall, history: RolloutHistory): RolloutViolation[] {
  if (act !== 'pause' || outcome !== 'ok') return [];
  const resumes = history.calls.filter((call) => call.act === 'resume' && call.calledMs >= answeredMs);
  const untilMs = Math.min(...resumes.map(({ calledMs }) => calledMs));
  return ofRollout(history)
    .filter(({ device, fromMs }) => fromMs > answeredMs && fromMs < untilMs && stillToOpen.includes(device))
    .map(({ device }) => ({ code: 'opened-while-paused', about: device }));
}

const wavesBegun = ({ audit }: RolloutHistory) =>
  audit.flatMap(({ action, wave, atMs }) => (action === 'rollout.wave' && wave !== null ? [{ wave, atMs }] : []));

function beforeItsWave(history: RolloutHistory): RolloutViolation[] {
  const begun = new Map(wavesBegun(history).map(({ wave, atMs }) => [wave, atMs]));
  const waves = new Map(history.members.map(({ device, wave }) => [device, wave]));
  return ofRollout(history)
    .filter(({ device, fromMs }) => fromMs < (begun.get(waves.get(device) ?? 0) ?? Number.POSITIVE_INFINITY))
    .map(({ device }) => ({ code: 'opened-before-its-wave', about: device }));
}

function skippedWaves(history: RolloutHistory): RolloutViolation[] {
  const begun = wavesBegun(history).map(({ wave }) => wave);
  const wanted = Array.from({ length: history.waves }, (_, index) => index + 1);
  return begun.join() === wanted.join() ? [] : [{ code: 'wave-skipped', about: begun.join() }];
}

function offGraph(audit: readonly AuditLine[]): RolloutViolation[] {
  const violations: RolloutViolation[] = [];
  let state = 'draft';
  for (const { action } of audit) {
    const [from, to] = graph[action] ?? [[state], state];
    if (!from.includes(state)) violations.push({ code: 'off-graph', about: `${action} of one that is ${state}` });
    state = to;
  }
  return state === 'finished' ? violations : [...violations, { code: 'off-graph', about: `ended as ${state}` }];
}

function misrecorded({ act, reason, outcome }: OperatorCall, audit: readonly AuditLine[]): RolloutViolation[] {
  const lines = audit.filter((line) => line.reason === reason).length;
  if (outcome === 'ok' && lines === 0) return [{ code: 'unrecorded', about: `${act} ${reason}` }];
  return lines > (outcome === 'refused' ? 0 : 1) ? [{ code: 'recorded-wrongly', about: `${act} ${reason}` }] : [];
}

function miscounted({ members, counts }: RolloutHistory): RolloutViolation[] {
  const states = new Set([...Object.keys(counts), ...members.map(({ state }) => state)]);
  const real = (state: string) => members.filter((member) => member.state === state).length;
  return [...states].filter((state) => (counts[state] ?? 0) !== real(state)).map((about) => ({ code: 'miscounted', about }));
}
