import * as z from 'zod/mini';

const id = z.int();

/** What the host asks of the guest's resident: one JSON object a line. */
export const requestSchema = z.discriminatedUnion('kind', [
  /** Runs a program; its output comes whole with `ended`, or line by line before it. */
  z.object({
    kind: z.literal('start'),
    id,
    argv: z.array(z.string()).check(z.minLength(1)),
    environment: z.record(z.string(), z.string()),
    byLine: z.boolean(),
    timeoutMs: z.nullable(z.number()),
  }),
  z.object({ kind: z.literal('signal'), id, signal: z.enum(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGSTOP', 'SIGCONT']) }),
  /** Imports a modem of the USB/IP server whenever it is plugged in, and puts it on this port of the virtual host controller. */
  z.object({ kind: z.literal('import'), id, port: z.int(), busId: z.string(), server: z.int() }),
  z.object({ kind: z.literal('stop-import'), id }),
  /** Tells of every change of a file in a folder, `change NAME` or `rename NAME` a line, for as long as the guest lives. */
  z.object({ kind: z.literal('watch'), id, path: z.string() }),
  z.object({ kind: z.literal('read'), id, path: z.string() }),
  z.object({ kind: z.literal('write'), id, path: z.string(), text: z.string() }),
  z.object({ kind: z.literal('list'), id, path: z.string() }),
]);
export type Request = z.infer<typeof requestSchema>;
type Unnumbered<One> = One extends Request ? Omit<One, 'id'> : never;
/** A request that has no number yet. */
export type Order = Unnumbered<Request>;

/** What the resident answers. */
export const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello'), release: z.string() }),
  z.object({ kind: z.literal('line'), id, stream: z.enum(['out', 'err']), text: z.string() }),
  z.object({
    kind: z.literal('ended'),
    id,
    code: z.nullable(z.int()),
    signal: z.nullable(z.string()),
    isTimedOut: z.boolean(),
    out: z.string(),
    err: z.string(),
  }),
  z.object({ kind: z.literal('attached'), id }),
  z.object({ kind: z.literal('detached'), id }),
  /** Null when there is no such file. */
  z.object({ kind: z.literal('content'), id, text: z.nullable(z.string()) }),
  z.object({ kind: z.literal('failed'), id, reason: z.string() }),
]);
export type Answer = z.infer<typeof answerSchema>;
