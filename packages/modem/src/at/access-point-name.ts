const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** What the network adds: `.mnc007.mcc262.gprs` (TS 23.003 clause 9.1.2). */
const operatorIdentifier = /\.mnc[0-9]{3}\.mcc[0-9]{3}\.gprs$/i;

/** Reserved beginnings of a network identifier (TS 23.003 clause 9.1.1). */
const reserved = /^(rac|lac|sgsn|rnc)/i;

/**
 * Whether a text is an access point name of TS 23.003 clause 9.1, at most 100 octets as encoded (a length octet before
 * each label). Empty is allowed: it asks for the default of the subscription.
 */
export function isAccessPointName(text: string): boolean {
  if (text === '') return true;
  if (text.length + 1 > 100 || reserved.test(text)) return false;
  const network = withoutOperatorIdentifier(text);
  if (/\.gprs$/i.test(network)) return false;
  return network.split('.').every((part) => label.test(part));
}

/** The network identifier alone, as it is asked for. */
export function withoutOperatorIdentifier(apn: string): string {
  return apn.replace(operatorIdentifier, '');
}
