import type { Cancel } from '@towline/kit';

/** Those who want to hear of one thing. */
export interface Listeners<Value> {
  readonly add: (listen: (value: Value) => void) => Cancel;
  readonly tell: (value: Value) => void;
}

export function createListeners<Value>(): Listeners<Value> {
  const listening = new Set<(value: Value) => void>();
  return {
    add(listen) {
      listening.add(listen);
      return () => {
        listening.delete(listen);
      };
    },
    tell(value) {
      for (const listen of listening) listen(value);
    },
  };
}
