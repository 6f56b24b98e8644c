/** Texts of TS 24.008 and 24.301 causes as Qualcomm firmware says them after `+CEER:`. Composed. */
const texts: ReadonlyMap<number, string> = new Map([
  [3, 'Illegal MS'],
  [8, 'Operator determined barring'],
  [26, 'Insufficient resources'],
  [27, 'Missing or unknown APN'],
  [28, 'Unknown PDP address or PDP type'],
  [29, 'User authentication failed'],
  [33, 'Requested service option not subscribed'],
  [36, 'Regular PDP context deactivation'],
  [38, 'Network failure'],
  [39, 'Reactivation requested'],
  [50, 'PDP type IPv4 only allowed'],
  [51, 'PDP type IPv6 only allowed'],
]);

/** Words only. */
export function causeInWords(cause: number | null): string {
  return cause === null ? 'No cause information available' : (texts.get(cause) ?? 'Protocol error, unspecified');
}

/** `<type>,<cause>`: type 5 is a session management cause. */
export function causeInNumbers(cause: number | null): string {
  return cause === null ? '0,0' : `5,${cause}`;
}
