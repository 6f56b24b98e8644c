import type { Store } from '../runtime/ports.ts';

/** Keeps texts in RAM: for simulated devices, and for tests that restart an agent over the same store. */
export function memoryStore(): Store & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  let journalled: string | null = null;
  return {
    texts,
    read: async (name) => texts.get(name) ?? null,
    async write(name, text) {
      texts.set(name, text);
    },
    async setAside(name) {
      const text = texts.get(name);
      if (text !== undefined) texts.set(`${name}.corrupt`, text);
      texts.delete(name);
    },
    journal: {
      reserve: async () => undefined,
      read: async () => journalled,
      async write(body) {
        journalled = body;
      },
    },
  };
}
