/**
 * Countries whose networks mostly have three MNC digits (North America, the Caribbean and parts of Latin America), for SIMs
 * whose EF_AD does not tell. General knowledge of the ITU-T E.212 assignments: EF_AD goes first wherever it can be read.
 */
const threeDigitCountries: ReadonlySet<string> = new Set([
  '302',
  '310',
  '311',
  '312',
  '313',
  '314',
  '315',
  '316',
  '334',
  '338',
  '342',
  '344',
  '346',
  '348',
  '350',
  '352',
  '354',
  '356',
  '358',
  '360',
  '365',
  '366',
  '376',
  '708',
  '722',
  '732',
  '750',
]);

/**
 * MCC-MNC digits of an IMSI.
 * @param mncLength from EF_AD of the SIM; null where it could not be read.
 */
export function homePlmnOf(imsi: string, mncLength: 2 | 3 | null): string {
  const mcc = imsi.slice(0, 3);
  return imsi.slice(0, 3 + (mncLength ?? (threeDigitCountries.has(mcc) ? 3 : 2)));
}
