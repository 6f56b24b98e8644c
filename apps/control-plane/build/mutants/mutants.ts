/** One way to break the engine that a named test must notice. */
export interface Mutant {
  readonly name: string;
  /** Below src/. `from` stands in it once. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The file of tests and the title, or what is in it, of the one that fails. */
  readonly test: readonly [file: string, title: string];
}

const decides = 'rollouts/decide/decide.property.test.ts';
const thresholds = 'rollouts/decide/thresholds.test.ts';
const kills = 'edge/killed-anywhere.test.ts';

export const mutants: readonly Mutant[] = [
  {
    name: 'one more on its way than the cap',
    file: 'rollouts/decide/choose.ts',
    from: 'caps.inFlight - flight.rollout',
    to: 'caps.inFlight + 1 - flight.rollout',
    test: [decides, 'never has more devices on their way than a cap allows'],
  },
  {
    name: 'one more at a site than its cap',
    file: 'rollouts/decide/choose.ts',
    from: '>= room.most[kind]',
    to: '> room.most[kind]',
    test: [decides, 'never has more devices on their way than a cap allows'],
  },
  {
    name: 'one try more than allowed',
    file: 'rollouts/decide/try-again.ts',
    from: 'tried.attempt > attempts',
    to: 'tried.attempt > attempts + 1',
    test: [decides, 'tries none more often than it may'],
  },
  {
    name: 'goes on after too much went wrong',
    file: 'rollouts/decide/decide.ts',
    from: 'if (halt) return',
    to: 'if (halt && moves.length > 1) return',
    test: [decides, 'opens nothing once too much went wrong'],
  },
  {
    name: 'calls devices silent while nobody hears them',
    file: 'rollouts/decide/judge-answer.ts',
    from: '!judging.hearing || ',
    to: '',
    test: [decides, 'calls nobody silent and opens nobody while no edge hears devices'],
  },
  {
    name: 'opens devices while it stands',
    file: 'rollouts/decide/decide.ts',
    from: `if (view.state !== 'running') return`,
    to: `if (view.state !== 'running' && view.state !== 'paused') return`,
    test: [decides, 'nor while it stands'],
  },
  {
    name: 'goes on over devices that know more than a restored database',
    file: 'rollouts/decide/decide.ts',
    from: 'restored || remembered',
    to: 'remembered',
    test: [decides, 'stands as soon as a device knows more than a restored database'],
  },
  {
    name: 'goes on over orders that devices remember',
    file: 'rollouts/decide/decide.ts',
    from: 'restored || remembered',
    to: 'restored',
    test: ['rollouts/work/job-rollout.test.ts', 'stands when a device remembers an order'],
  },
  {
    name: 'ends before all who may come have come',
    file: 'rollouts/decide/decide.ts',
    from: 'view.mayGrow && !isOver',
    to: 'view.mayGrow && isOver',
    test: [decides, 'stays open to whoever may still come to match'],
  },
  {
    name: 'leads nobody back who is away',
    file: 'rollouts/decide/choose.ts',
    from: 'online || writeAhead ? null',
    to: 'online ? null',
    test: [decides, 'leads back at once whoever is away'],
  },
  {
    name: 'the breaker trips above its share, not at it',
    file: 'rollouts/decide/halt.ts',
    from: 'bad * 100 >= breaker.percent * sample',
    to: 'bad * 100 > breaker.percent * sample',
    test: [thresholds, 'AWS IoT Jobs'],
  },
  {
    name: 'a wave fails at its tolerated share, not above it',
    file: 'rollouts/decide/halt.ts',
    from: 'bad * 100 > failurePercent',
    to: 'bad * 100 >= failurePercent',
    test: [thresholds, 'hawkBit'],
  },
  {
    name: 'a wave passes above its success threshold, not at it',
    file: 'rollouts/decide/wave-standing.ts',
    from: 'counts.succeeded * 100 >= successPercent',
    to: 'counts.succeeded * 100 > successPercent',
    test: [thresholds, 'hawkBit'],
  },
  {
    name: 'a wave stands one failure more than its count',
    file: 'rollouts/decide/halt.ts',
    from: 'bad >= failureCount',
    to: 'bad > failureCount',
    test: [thresholds, 'thresholds of a wave by count'],
  },
  {
    name: 'a wave passes by its share, however few succeeded',
    file: 'rollouts/decide/wave-standing.ts',
    from: ' && counts.succeeded >= Math.min(successCount, reachable)',
    to: '',
    test: [thresholds, 'thresholds of a wave by count'],
  },
  {
    name: 'a restore that a person knew of excuses the next one',
    file: 'rollouts/tick/rollout-step.ts',
    from: 'heardAtMs: nowMs, restoreKnown: false',
    to: 'heardAtMs: nowMs, restoreKnown',
    test: ['rollouts/work/job-rollout.test.ts', 'when that happens once more'],
  },
  {
    name: 'an edge counts as there when a step begins to wait for its turn',
    file: 'rollouts/tick/step-view.repository.ts',
    from: 'expires_at > clock_timestamp()',
    to: 'expires_at > now()',
    test: ['rollouts/tick/at-its-bounds.test.ts', 'once its turn has come'],
  },
  {
    name: 'no step follows one that made room',
    file: 'rollouts/decide/may-go-on.ts',
    from: 'counts.pending > 0 ||',
    to: '',
    test: [decides, 'leaves nothing to a step right after'],
  },
  {
    name: 'the last report that was committed counts as new',
    file: 'ingest/decide-stream.ts',
    from: 'sequence <= settled.through ||',
    to: 'sequence < settled.through ||',
    test: ['ingest/decide-stream.test.ts', 'each sequence is committed at most once'],
  },
  {
    name: 'a gap is passed over',
    file: 'ingest/decide-stream.ts',
    from: 'if (sequence > end + 1) break;',
    to: 'if (sequence > end + 2) break;',
    test: ['ingest/decide-stream.test.ts', 'everything up to the acknowledged sequence is committed'],
  },
  {
    name: 'acknowledged before it is committed',
    file: 'ingest/ingest-lane.ts',
    from: '(client, later) => commitBatch({ client, later }, messages, options));',
    to: `async (client, later) => {
        const outcome = await commitBatch({ client, later }, messages, options);
        onCommitted({ outcome, messages: messages.length, commitMs: 0 });
        return outcome;
      });`,
    test: [kills, 'any statement of its ingest'],
  },
  {
    name: 'what is believed of a stream outlives a failed commit',
    file: 'ingest/ingest-lane.ts',
    from: 'this.#memory.forget(streamsOf(messages));',
    to: '',
    test: ['ingest/ingest-lane.test.ts', 'are looked up anew'],
  },
  {
    name: 'a stream that a device greeted with anew is taken for the one that is remembered',
    file: 'ingest/streams.repository.ts',
    from: 's.created_at = to_timestamp(w.created / 1000) and ',
    to: '',
    test: ['ingest/ingest-lane.test.ts', 'are looked up anew where one was greeted'],
  },
  {
    name: 'what a device says while it is looked at for drift counts as looked at',
    file: 'drift/drift.repository.ts',
    from: ' and r.key = s.key',
    to: '',
    test: ['drift/drift.test.ts', 'while it was looked at'],
  },
  {
    name: 'a note is gone before it is sent',
    file: 'outbox/outbox-publisher.ts',
    from: 'const notes = await lockNotes(client, batchSize);',
    to: `const notes = await lockNotes(client, batchSize);
      await removeNotes(client, notes.map(({ id }) => id));
      await client.query('commit');
      await client.query('begin');`,
    test: [kills, 'any statement of its outbox'],
  },
  {
    name: 'a rollout is shown to every tenant',
    file: 'rollouts/rollouts.repository.ts',
    from: 'where r.tenant_id = ${tenantId} and r.id = ',
    to: 'where r.id = ',
    test: ['rollouts/rollouts.test.ts', 'another tenant see nothing'],
  },
];
