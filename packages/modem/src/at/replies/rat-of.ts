import type { Rat } from '../../driver.ts';

/** Access technology numbers of 3GPP TS 27.007 clause 7.3. 13 and 11 were seen on EM9191 and RM500U, 12 on RG801H. */
const rats: ReadonlyMap<number, Rat> = new Map<number, Rat>([
  [0, 'gsm'],
  [1, 'gsm'],
  [2, 'umts'],
  [3, 'gsm'],
  [4, 'umts'],
  [5, 'umts'],
  [6, 'umts'],
  [7, 'lte'],
  [8, 'gsm'],
  [9, 'nb-iot'],
  [10, 'lte'],
  [11, 'nr-sa'],
  [12, 'nr-sa'],
  [13, 'nr-nsa'],
]);

/** @param act8IsCatM1 BG96 says 8 (by the standard EC-GSM-IoT) for LTE Cat-M1: `+COPS: 0,2,"310410",8`. */
export function ratOf(accessTechnology: number | null, act8IsCatM1: boolean): Rat | null {
  if (accessTechnology === null) return null;
  if (accessTechnology === 8 && act8IsCatM1) return 'lte-m';
  return rats.get(accessTechnology) ?? null;
}
