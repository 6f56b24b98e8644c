import { type DeviceAddress, isLaterVersion } from '@towline/protocol';
import { enqueueConfirms } from '../outbox/outbox.repository.ts';
import type { PipelinedTransaction } from '../platform/database.ts';
import { type AnnounceAnswer, answerAnnounces } from './answer-announces.ts';
import { type Addressed, deviceKey, type FreshState } from './batch-draft.ts';
import { judgeWords, type TargetHeld } from './judge-words.ts';
import { isAnnounce, isHeld, isHello, type ReadMessage } from './read-message.ts';
import { saveAnswers, saveStandings, type TargetRow, type WantedTarget } from './target-rows.repository.ts';

/** Whose targets a batch is about. @param states newest ones, taken or not */
export function wantedTargets(messages: readonly ReadMessage[], states: readonly FreshState[]): WantedTarget[] {
  const wanted = new Map<string, WantedTarget>();
  for (const { address } of [...messages.filter(isHello), ...messages.filter(isHeld), ...states])
    wanted.set(deviceKey(address), { address, announces: false });
  for (const { address } of messages.filter(isAnnounce)) wanted.set(deviceKey(address), { address, announces: true });
  return [...wanted.values()];
}

/** What is known when targets are settled. */
export interface SpokenTargets {
  /** One a device, newer than all that it had said; a late one says nothing of anything any more. */
  readonly states: readonly FreshState[];
  /** Of who says something of them, by device, locked. */
  readonly targets: ReadonlyMap<string, TargetRow>;
}

export interface SettledTargets {
  /** Devices that hold less than their target. */
  readonly lacking: readonly DeviceAddress[];
  /** Whose target shows something else than before. */
  readonly changed: readonly Addressed[];
  readonly answers: readonly AnnounceAnswer[];
}

/** Writes what devices said of their targets, and the answers to changes that they announced. */
export function settleTargets(
  { client, later }: PipelinedTransaction,
  messages: readonly ReadMessage[],
  { targets, states }: SpokenTargets,
): SettledTargets {
  const { lacking, changed } = judgeWords(targets, targetWords(messages, states));
  const answers = answerAnnounces(targets, messages.filter(isAnnounce));
  later(saveStandings(client, changed));
  later(saveAnswers(client, answers));
  later(enqueueConfirms(client, confirmsOf(answers)));
  return { lacking, changed: [...changed, ...answers.filter(({ isNews }) => isNews)], answers };
}

const confirmsOf = (answers: readonly AnnounceAnswer[]) =>
  answers.flatMap(({ address, announce: { transaction }, refusal }) => (refusal === null ? [{ ...address, change: transaction }] : []));

/** The last word of each device in this batch: its state, where one was taken, else its hello or its announce; or that it holds a later target. */
function targetWords(messages: readonly ReadMessage[], states: readonly FreshState[]): TargetHeld[] {
  const words = new Map<string, TargetHeld>();
  // Who announces what has been replaced is to learn of it.
  for (const { address, announce } of messages.filter(isAnnounce)) {
    words.set(deviceKey(address), { address, held: announce.version, digest: announce.digest, status: null });
  }
  for (const { address, hello } of messages.filter(isHello)) {
    words.set(deviceKey(address), { address, held: hello.held.target, status: null });
  }
  for (const { address, report } of states) {
    words.set(deviceKey(address), { address, held: report.held.target, status: report.target });
  }
  // A state of just before it took the target knows nothing of it yet, and the next one may never come.
  for (const { address, held } of messages.filter(isHeld)) {
    const said = words.get(deviceKey(address));
    if (!said || isLaterVersion(held.version, said.held))
      words.set(deviceKey(address), { address, held: held.version, digest: held.digest, status: null });
  }
  return [...words.values()];
}
