/** JSON with the keys of every object sorted: the same document gives the same bytes, so that a digest means something. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  let members = '';
  for (const [key, member] of Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))) {
    if (member !== undefined) members += `${members && ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}
