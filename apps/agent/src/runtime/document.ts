import type { Log } from '@towline/kit';
import { faultCode } from '@towline/kit';
import type * as z from 'zod/mini';
import type { EventCode } from '../core/event-codes.ts';
import type { LogEvent, Seal, Store } from './ports.ts';

/** One value that survives a restart. */
export interface Document<Value> {
  /**
   * Null when there is none, or when it could not be read: then it is kept aside and an event tells so.
   * @throws Fault `store.read-failed` of a vital document that the disk does not give
   */
  load(): Promise<Value | null>;
  /** False when flash could not be written; an event tells so. */
  save(value: Value): Promise<boolean>;
}

/** What all documents of an agent share. */
export interface Shelf {
  readonly store: Store;
  readonly log: Log<LogEvent>;
  readonly tell: (code: EventCode, evidence: readonly string[]) => void;
}

export const plainSeal: Seal = { close: (text) => text, open: (stored) => stored };

function parse<Value>(schema: z.ZodMiniType<Value>, text: string | null): Value | null {
  if (text === null) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

interface DocumentPlan<Value> {
  readonly name: string;
  readonly schema: z.ZodMiniType<Value>;
  readonly seal?: Seal;
  /** Rather no agent than one without it: a fault of the disk must not make another device of this one. */
  readonly vital?: boolean;
}

export function storedDocument<Value>(
  shelf: Shelf,
  { name, schema, seal = plainSeal, vital = false }: DocumentPlan<Value>,
): Document<Value> {
  const { store, log, tell } = shelf;
  return {
    async load() {
      try {
        const stored = await store.read(name);
        if (stored === null) return null;
        const value = parse(schema, seal.open(stored));
        if (value !== null) return value;
        await store.setAside(name);
      } catch (error) {
        if (vital) throw error;
      }
      log.error('store.corrupt', { document: name });
      tell('store.corrupt', [`${name} could not be read and was kept aside`]);
      return null;
    },
    async save(value) {
      try {
        await store.write(name, seal.close(JSON.stringify(value)));
        return true;
      } catch (error) {
        log.error('store.write-failed', { document: name, code: faultCode(error) });
        tell('store.write-failed', [`${name} could not be written: ${faultCode(error)}`]);
        return false;
      }
    },
  };
}
