/** What a running pppd has told so far. */
export interface PppdLink {
  readonly interface: string | null;
  readonly local: string | null;
  readonly remote: string | null;
  /** The link-local IPv6 address stands: IPV6CP is done. */
  readonly ipv6: boolean;
  readonly dns: readonly string[];
}

export const noLink: PppdLink = { interface: null, local: null, remote: null, ipv6: false, dns: [] };

interface Rule {
  readonly line: RegExp;
  readonly change: (link: PppdLink, value: string) => PppdLink;
}

/** pppd 2.4.9, main.c, ipcp.c and ipv6cp.c; the spaces differ between versions. */
const rules: readonly Rule[] = [
  { line: /^Using interface (\S+)$/, change: (link, value) => ({ ...link, interface: value }) },
  { line: /^local\s+IP address (\S+)$/, change: (link, value) => ({ ...link, local: value }) },
  { line: /^remote\s+IP address (\S+)$/, change: (link, value) => ({ ...link, remote: value }) },
  { line: /^(?:primary|secondary)\s+DNS address (\S+)$/, change: (link, value) => ({ ...link, dns: [...new Set([...link.dns, value])] }) },
  { line: /^local\s+LL address (\S+)$/, change: (link) => ({ ...link, ipv6: true }) },
];

/** What one more line of pppd's log changes. */
export function pppdLineRead(link: PppdLink, line: string): PppdLink {
  for (const { line: pattern, change } of rules) {
    const value = pattern.exec(line.trim())?.[1];
    if (value !== undefined) return change(link, value);
  }
  return link;
}

/** Packet dumps of `debug` hold no reason that a plain line does not tell too. */
export function isTelling(line: string): boolean {
  return line.trim() !== '' && !/^(sent|rcvd) \[/.test(line);
}

/**
 * Whether a line tells that a link which was up is over, though pppd itself has its disconnect script to run first: by then the
 * interface has lost its address.
 */
export function isLastWord(line: string): boolean {
  return /^(No response to \d+ echo-requests|LCP terminated by peer)/.test(line.trim());
}
