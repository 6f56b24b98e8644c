import { changeBudgetMs, longestHoldMs } from '@towline/agent/testing';
import { modelById } from '@towline/modem';
import type { Story } from './story.ts';

/** What dialling the known good again, and meeting the control plane over it, may take after the last moment of a change. */
const wayBackMs = 3 * 60_000;

/** How long a change of this story may take before it goes back. @throws for a model that there is not */
export function deadlineMs({ model: id }: Story): number {
  const model = modelById(id);
  if (!model) throw new Error(`no model ${id}`);
  return changeBudgetMs(model, {});
}

/** Whether others answer over the new bearer: such a change is held beyond its deadline, since the control plane may only be away. */
export const isHeld = ({ network }: Story): boolean => network === 'walled';

/** How long a change of this story that fails may keep the gateway out of reach at a stretch. */
export function boundMs(story: Story): number {
  return deadlineMs(story) + (isHeld(story) ? longestHoldMs : 0) + wayBackMs;
}
