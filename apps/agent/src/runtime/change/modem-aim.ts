import type { TargetDocument } from '@towline/protocol';
import type { Decision, Situation } from '../../core/decision.ts';
import type { ChangeView } from '../../core/modem-state.ts';
import { aimedAt } from '../../core/transaction/intention.ts';
import { standingOf } from '../../core/transaction/standing.ts';
import { aimOf, type Configuration, type Reach, type Refusal } from '../../core/transaction/transaction.ts';
import { changeBudgetMs, foundOf, type Held, wantedOf } from '../../core/transaction/wanted.ts';
import type { ChangeKeeper } from './change-keeper.ts';

export interface ModemAimNeeds {
  readonly held: () => Held | null;
  readonly changes: Pick<ChangeKeeper, 'aim' | 'knownGoodAt' | 'looked' | 'openAt' | 'wakeAtMs'>;
}

interface Aimed {
  readonly at: Configuration | 'target';
  readonly refusal: Refusal | null;
}

const freeAim: Aimed = { at: 'target', refusal: null };

/** What one modem is brought to: its target, or what a change of it or of its neighbour asks for. */
export class ModemAim {
  private readonly modem: string;
  private readonly needs: ModemAimNeeds;
  private aimed: Aimed = freeAim;
  private key: string | null = null;

  constructor(modem: string, needs: ModemAimNeeds) {
    this.modem = modem;
    this.needs = needs;
  }

  /** The target as the planner is to see it now. */
  target(): TargetDocument | null {
    const document = this.needs.held()?.document ?? null;
    const { at } = this.aimed;
    if (at === 'target' || !document) return document;
    return aimedAt(document, at);
  }

  /**
   * Settles what the modem is brought to; a change that it needs is in the journal when this resolves.
   * @param situationOf the look, seen with whatever target holds when it is called
   * @returns whether it is another configuration than before: what went wrong on the way to that says nothing of this one
   */
  async take(situationOf: () => Situation): Promise<boolean> {
    const { changes, held } = this.needs;
    this.aimed = freeAim;
    const situation = situationOf();
    const { model, observed } = situation;
    const wanted = wantedOf(situation, held());
    if (wanted && model) {
      const { configuration, refusal } = await changes.aim(wanted, {
        found: foundOf(situation, wanted),
        budgetMs: changeBudgetMs(model),
      });
      const isTarget = configuration.key === wanted.configuration.key;
      this.aimed = { at: isTarget ? 'target' : configuration, refusal };
      return this.turnTo(configuration.key);
    }
    return this.takeWithoutTarget(observed.sim?.iccid ?? null);
  }

  /** What the target wants cannot be told now, or cannot be done: an open change goes on, else what is known good is dialled. */
  private takeWithoutTarget(iccid: string | null): boolean {
    const { changes } = this.needs;
    const open = changes.openAt(this.modem);
    const mine = open?.iccid === iccid ? open : null;
    const configuration = mine ? aimOf(mine) : iccid && changes.knownGoodAt({ modem: this.modem, iccid });
    if (!configuration) return false;
    this.aimed = { at: configuration, refusal: mine?.refusal ?? null };
    return this.turnTo(configuration.key);
  }

  /** Tells the change how the modem stands to it. @returns whether the change aims at something else since */
  async looked(decision: Decision, reach: Reach): Promise<boolean> {
    const before = this.openKey();
    await this.needs.changes.looked(this.modem, standingOf(decision, reach));
    return before !== null && this.openKey() !== before;
  }

  /** When the modem is to be looked at again at the latest. */
  wakeAtMs(): number {
    return this.needs.changes.wakeAtMs(this.modem);
  }

  view(): ChangeView {
    const open = this.needs.changes.openAt(this.modem);
    if (open) return { phase: open.phase === 'reverting' ? 'given-up' : 'under-way', refusal: open.refusal };
    return { phase: this.aimed.refusal ? 'given-up' : 'settled', refusal: this.aimed.refusal };
  }

  private turnTo(key: string | null): boolean {
    const turned = this.key !== null && this.key !== key;
    this.key = key;
    return turned;
  }

  private openKey(): string | null {
    const open = this.needs.changes.openAt(this.modem);
    return open && aimOf(open).key;
  }
}
