import type { Log } from '@towline/kit';
import { canonicalJson, isLaterVersion, type TargetDown } from '@towline/protocol';
import type { Document } from './document.ts';
import type { LogEvent } from './ports.ts';
import type { Reporter } from './reporter.ts';
import type { HeldTarget } from './stored-schemas.ts';

/** The target that the device holds: nothing else moves a link. */
export interface TargetHolder {
  current(): HeldTarget | null;
  /**
   * Takes a target over once it is on flash and that was told; one that is not later changes nothing.
   * @param tell says to the control plane that the device has it, while nothing has been done for it that could cut the link; bounded
   */
  accept(target: TargetDown, tell: () => Promise<void>): Promise<void>;
}

interface TargetNeeds {
  readonly document: Document<HeldTarget>;
  readonly reporter: Reporter;
  readonly log: Log<LogEvent>;
  readonly digest: (text: string) => string;
}

/** @param changed is called after each target that was taken over. */
export async function loadTarget(needs: TargetNeeds, changed: () => void): Promise<TargetHolder> {
  const { document, reporter, log, digest } = needs;
  let held = await document.load();
  /** Held, or about to be: what else comes meanwhile is measured by it. */
  let latest = held?.version ?? null;
  return {
    current: () => held,
    async accept(target, tell) {
      const { epoch, number } = target.version;
      if (!isLaterVersion(target.version, latest)) return;
      if (digest(canonicalJson(target.document)) !== target.digest) {
        log.error('target.refused', { epoch, number });
        return reporter.tell('target.digest-mismatch', [`target ${epoch}.${number} does not have the digest that it names`]);
      }
      latest = target.version;
      // Although flash may refuse it: a device that cannot store still obeys, and asks again after its next start.
      await document.save(target);
      log.info('target.held', { epoch, number });
      await tell();
      if (latest !== target.version) return;
      held = target;
      changed();
    },
  };
}
