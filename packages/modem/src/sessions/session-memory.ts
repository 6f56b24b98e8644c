import { faultCode } from '@towline/kit';
import * as z from 'zod/mini';
import type { HostFiles } from '../ports.ts';

/**
 * What a session remembers of the modem's control port, in RAM of the host (/run): it outlives the agent, and is gone after a
 * restart of the host. It counts for one attachment to USB only, since a modem that restarted forgot everything.
 */
export interface SessionMemory<Value> {
  /** Null: nothing is known of this attachment. */
  recall(): Promise<Value | null>;
  keep(value: Value): Promise<void>;
  forget(): Promise<void>;
}

export interface SessionPlace {
  readonly files: HostFiles;
  /** Folder in RAM, `/run/towline/<modem>`. */
  readonly directory: string;
  /** `/dev/cdc-wdmN`. */
  readonly controlPath: string;
}

/** The number that the kernel gave to this attachment (sysfs `devnum`); it grows with every one. Null: it cannot be read now. */
async function attachmentOf({ files, controlPath }: SessionPlace): Promise<string | null> {
  const name = controlPath.split('/').at(-1) ?? '';
  const devnum = await files.read(`/sys/class/usbmisc/${name}/device/../devnum`).catch(() => null);
  return devnum === null ? null : `${controlPath} ${devnum.trim()}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param name of the file in the session's folder. */
export function createSessionMemory<Value>(place: SessionPlace, name: string, schema: z.ZodMiniType<Value>): SessionMemory<Value> {
  const path = `${place.directory}/${name}.json`;
  const record = z.object({ attachment: z.nullable(z.string()), value: schema });
  // Where /run cannot be written, what this process knows has to do.
  let held: { readonly attachment: string | null; readonly value: Value } | null = null;

  return {
    async recall() {
      const attachment = await attachmentOf(place);
      if (held === null) {
        const text = await place.files.read(path).catch(() => null);
        const stored = record.safeParse(parsed(text ?? ''));
        held = stored.success ? stored.data : null;
      }
      // What cannot be read tells of no other attachment.
      return attachment === null || held?.attachment === attachment ? (held?.value ?? null) : null;
    },
    async keep(value) {
      held = { attachment: (await attachmentOf(place)) ?? held?.attachment ?? null, value };
      await place.files.write(path, JSON.stringify(held)).catch(faultCode);
    },
    async forget() {
      held = null;
      await place.files.remove(path).catch(faultCode);
    },
  };
}
