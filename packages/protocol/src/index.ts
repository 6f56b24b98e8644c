export { canonicalJson } from './canonical-json.ts';
export {
  channels,
  type DownChannel,
  isReportChannel,
  maxPayloadBytes,
  type ReportChannel,
  reportChannels,
  type UpChannel,
} from './channels.ts';
export { type ConnectionProfile, connectionProfileSchema } from './documents/connection-profile.ts';
export { failedConditions, type SimConditions, simConditionsSchema, type SimSubject } from './documents/sim-conditions.ts';
export {
  isLaterVersion,
  resolveRule,
  type RuleLevel,
  ruleLevelSchema,
  type RuleVerdict,
  type TargetDocument,
  targetDocumentSchema,
  type TargetRule,
  targetRuleSchema,
  type TargetVersion,
  targetVersionSchema,
} from './documents/target.ts';
export type { Ack } from './messages/ack.ts';
export { type DeviceEvent, type EventReport, severitySchema } from './messages/event.ts';
export type { Hello } from './messages/hello.ts';
export { type JobDown, type JobKind, type JobOrder, jobOrderSchema, type JobReport, jobReportStateSchema } from './messages/job.ts';
export type { Presence } from './messages/presence.ts';
export { type ReportEnvelope, reportEnvelopeSchema } from './messages/report.ts';
export {
  type ConnectionState,
  connectionStateSchema,
  type ModemState,
  modemStateSchema,
  type StateReport,
  type TargetStatus,
  targetStatusSchema,
} from './messages/state.ts';
export type { TargetDown } from './messages/target.ts';
export { type TelemetryColumn, telemetryColumns, type TelemetryReport } from './messages/telemetry.ts';
export * from './scalars.ts';
export { type DeviceAddress, downFilter, downTopic, everyUpFilter, parseDownTopic, parseUpTopic, type UpTopic, upTopic } from './topics.ts';
