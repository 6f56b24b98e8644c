import { ackSchema } from './messages/ack.ts';
import { announceSchema } from './messages/announce.ts';
import { confirmSchema } from './messages/confirm.ts';
import { eventSchema } from './messages/event.ts';
import { heldSchema } from './messages/held.ts';
import { helloSchema } from './messages/hello.ts';
import { jobDownSchema, jobReportSchema } from './messages/job.ts';
import { presenceSchema } from './messages/presence.ts';
import { stateSchema } from './messages/state.ts';
import { targetDownSchema } from './messages/target.ts';
import { telemetrySchema } from './messages/telemetry.ts';

/**
 * Every channel between device and control plane: all else (topics, rights, docs) derives from this table.
 * Nothing is retained and sessions are clean: what a lost message leaves open is mended by the next hello or state.
 */
export const channels = {
  up: {
    hello: { schema: helloSchema, qos: 1, purpose: 'first message after each connect; answered by ack and by what the device lacks' },
    presence: { schema: presenceSchema, qos: 1, purpose: 'online or, as the last will, offline, with the connection number' },
    held: { schema: heldSchema, qos: 1, purpose: 'the device has its target, and has done nothing for it yet' },
    state: { schema: stateSchema, qos: 1, purpose: 'what the device says it is; the newest wins' },
    telemetry: { schema: telemetrySchema, qos: 1, purpose: 'samples of one modem, by column' },
    event: { schema: eventSchema, qos: 1, purpose: 'what happened, kept until acknowledged' },
    job: { schema: jobReportSchema, qos: 1, purpose: 'progress or end of a job' },
    announce: { schema: announceSchema, qos: 1, purpose: 'over the changed bearer: the change holds, may it stay?' },
  },
  down: {
    target: { schema: targetDownSchema, qos: 1, purpose: 'the desired document of the device' },
    job: { schema: jobDownSchema, qos: 1, purpose: 'one order, or the wish to take it back' },
    confirm: { schema: confirmSchema, qos: 1, purpose: 'yes to an announce, on the session of changes' },
    /** QoS 0: a lost ack costs one report sent twice, a PUBACK for each ack would cost every device every day. */
    ack: { schema: ackSchema, qos: 0, purpose: 'end-to-end acknowledgement of reports, answer to hello' },
  },
} as const;

export type UpChannel = keyof typeof channels.up;
export type DownChannel = keyof typeof channels.down;

/** Channels whose messages are reports: they carry the envelope and are acknowledged end to end. */
export const reportChannels = ['state', 'telemetry', 'event', 'job'] as const;
export type ReportChannel = (typeof reportChannels)[number];

export function isReportChannel(channel: UpChannel): channel is ReportChannel {
  return reportChannels.some((name) => name === channel);
}

/** Channels of the session that a device has for its changes: nothing else goes over it, and they go over no other. */
export const changeChannels = ['announce', 'confirm'] as const;

export function isChangeChannel(channel: UpChannel | DownChannel): boolean {
  return changeChannels.some((name) => name === channel);
}

/** Largest payload in octets, in either direction: a broker and both ends refuse more. */
export const maxPayloadBytes = 65_536;
