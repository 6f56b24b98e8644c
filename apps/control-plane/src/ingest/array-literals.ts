/** A Postgres array literal of numbers: several times cheaper than the driver's own, which escapes each member. */
export function numbersLiteral(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** The same for words of letters and digits only (handles, epochs, codes), which need no escaping; quoted, as one may be called `null`. */
export function wordsLiteral(values: readonly string[]): string {
  return values.length === 0 ? '{}' : `{"${values.join('","')}"}`;
}
