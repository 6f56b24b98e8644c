/** A piece of a text: as it stands, or the name of what stands in for it. */
type Piece = { readonly text: string } | { readonly variable: string };

const piecePattern = /\$\$\{|\$\{([^}]*)\}?|[^$]+|\$/g;
const namePattern = /^[a-z][A-Za-z0-9_]{0,39}$/;

/** `fleet.${site}` in pieces; `$${` stands for `${` itself. Null where a `${` is not followed by a name and `}`. */
function piecesOf(template: string): Piece[] | null {
  const pieces: Piece[] = [];
  for (const [whole, name] of template.matchAll(piecePattern)) {
    if (whole === '$${') pieces.push({ text: '${' });
    else if (name === undefined) pieces.push({ text: whole });
    else if (whole.endsWith('}') && namePattern.test(name)) pieces.push({ variable: name });
    else return null;
  }
  return pieces;
}

export type FilledTemplate = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly missing: readonly string[] };

/**
 * Puts values in place of names. What is put in is never looked at again, so that a value cannot name another.
 * A template that cannot be read lacks everything that it might have named: it is refused when it is stored.
 */
export function fillTemplate(template: string, valueOf: (name: string) => string | undefined): FilledTemplate {
  const pieces = piecesOf(template);
  if (!pieces) return { ok: false, missing: [template] };
  const missing = pieces.flatMap((piece) => ('variable' in piece && valueOf(piece.variable) === undefined ? [piece.variable] : []));
  if (missing.length > 0) return { ok: false, missing: [...new Set(missing)] };
  return { ok: true, text: pieces.map((piece) => ('text' in piece ? piece.text : (valueOf(piece.variable) ?? ''))).join('') };
}

/** Names that a template asks for; null where it cannot be read. */
export function templateNames(template: string): string[] | null {
  const pieces = piecesOf(template);
  return pieces && [...new Set(pieces.flatMap((piece) => ('variable' in piece ? [piece.variable] : [])))];
}
