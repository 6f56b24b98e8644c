import { channels } from '@towline/protocol';
import { compiled } from '../platform/compiled.ts';

const { up } = channels;

/** Of what devices say, by channel: the largest part of reading a message is its schema. */
export const upSchemas = {
  hello: compiled(up.hello.schema),
  presence: compiled(up.presence.schema),
  held: compiled(up.held.schema),
  state: compiled(up.state.schema),
  telemetry: compiled(up.telemetry.schema),
  event: compiled(up.event.schema),
  job: compiled(up.job.schema),
  announce: compiled(up.announce.schema),
} as const;
