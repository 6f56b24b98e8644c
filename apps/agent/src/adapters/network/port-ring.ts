/** Local ports that are used in turn, so that one which the kernel still remembers is not met at once. */
export interface PortRing {
  readonly size: number;
  next(): number;
}

/** @param start a number from 0, at which the turn begins: a restarted agent does not begin where the last one did. */
export function portRing({ first, last }: { readonly first: number; readonly last: number }, start: number): PortRing {
  const size = last - first + 1;
  let index = start % size;
  return {
    size,
    next() {
      index = (index + 1) % size;
      return first + index;
    },
  };
}
