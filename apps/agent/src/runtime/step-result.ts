import type { Learned } from '../core/memory.ts';
import type { TroubleCode } from '../core/reactions.ts';

/** How a step ended, and what it found out. */
export type StepResult = (
  | { readonly ok: true }
  | { readonly ok: false; readonly failure: { readonly code: TroubleCode; readonly evidence: readonly string[] } }
) & { readonly learned?: Learned };
