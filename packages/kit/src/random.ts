/** Uniform numbers in [0, 1). A port, so that a whole world runs from one seed. */
export interface Random {
  next(): number;
}

/** Seeded generator (SplitMix32): the same seed gives the same numbers for ever. Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      mixed ^= mixed >>> 15;
      return (mixed >>> 0) / 0x1_0000_0000;
    },
  };
}
