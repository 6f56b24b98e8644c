import * as z from 'zod/mini';

const lineSchema = z.object({ event: z.string(), step: z.optional(z.string()), connection: z.optional(z.union([z.string(), z.number()])) });

/** Said again and again while nothing happens. */
const idle: ReadonlySet<string> = new Set(['link.unreachable', 'change.unanswered']);

/** The name of the point that a line of the agent's log stands for; null where it is none. */
export function pointOfLine(line: string): string | null {
  const said = lineSchema.safeParse(parsed(line)).data;
  if (!said || idle.has(said.event)) return null;
  const { event, step, connection } = said;
  const what = step ?? (typeof connection === 'string' ? connection : '');
  return `${event} ${what}`.trim();
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Counts what the agent does from the order of a change on: each step, and each write to its disk. Nothing is listed by hand. */
export class LabPoints {
  private names: string[] = [];
  private onReach: ((index: number, name: string) => void) | null = null;

  reach(name: string): void {
    if (!this.onReach) return;
    const index = this.names.push(name) - 1;
    this.onReach(index, name);
  }

  /** From now on points count, from 0. */
  arm(onReach: (index: number, name: string) => void): void {
    this.names = [];
    this.onReach = onReach;
  }

  /** No point counts any more. Gives the names of those that did, in order. */
  disarm(): readonly string[] {
    this.onReach = null;
    return this.names;
  }
}
