function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}

/** The eight groups of an IPv6 address without a dotted tail; null when it is not one. */
function eightGroups(text: string): readonly number[] | null {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return null;
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const gap = 8 - front.length - back.length;
  if (tail === undefined ? gap !== 0 : gap < 1) return null;
  const groups = [...front, ...Array.from({ length: gap }, () => '0'), ...back];
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : null;
}

/** First and length of the longest run of zero groups, two at least. */
function longestGap(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** An address in the one spelling of RFC 5952, as the kernel prints it: tools spell IPv6 each in their own way. */
export function canonicalAddress(address: string): string {
  const text = address.toLowerCase();
  const groups = text.includes(':') ? eightGroups(text) : null;
  if (!groups) return text;
  const { start, length } = longestGap(groups);
  const spell = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  return start < 0 ? spell(groups) : `${spell(groups.slice(0, start))}::${spell(groups.slice(start + length))}`;
}
