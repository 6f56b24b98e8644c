import type { Wanted } from '../../core/transaction/intention.ts';
import { keep, knownGoodAt } from '../../core/transaction/keepsakes.ts';
import type { Standing } from '../../core/transaction/moves.ts';
import type { ChangeRecord } from './change-record.ts';

/** What modems without any known good were told to dial outside a change. */
export class UntriedDials {
  private readonly record: Pick<ChangeRecord, 'keep' | 'keepsakes'>;
  private readonly told = new Map<string, Wanted>();

  constructor(record: Pick<ChangeRecord, 'keep' | 'keepsakes'>) {
    this.record = record;
  }

  note(wanted: Wanted): void {
    this.told.set(wanted.modem, wanted);
  }

  forget(modem: string): void {
    this.told.delete(modem);
  }

  /** A gateway that dials what it was told, with nobody to confirm it, has that to come back to: complete, and only assumed to be good. */
  async assume(modem: string, standing: Standing): Promise<void> {
    const untried = this.told.get(modem);
    if (!untried || standing.kind !== 'agrees') return;
    this.forget(modem);
    const keepsakes = this.record.keepsakes();
    const known = knownGoodAt(keepsakes, untried);
    if (known?.standing === 'confirmed' || known?.configuration.key === untried.configuration.key) return;
    await this.record.keep(keep(keepsakes, untried, { configuration: untried.configuration, standing: 'assumed' }));
  }
}
