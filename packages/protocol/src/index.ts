export { canonicalJson } from './canonical-json.ts';
export {
  channels,
  type DownChannel,
  isChangeChannel,
  isReportChannel,
  maxPayloadBytes,
  type ReportChannel,
  reportChannels,
  type UpChannel,
} from './channels.ts';
export { type Bands, bandsSchema, bandsText } from './documents/bands.ts';
export { type ConnectionProfile, connectionProfileSchema } from './documents/connection-profile.ts';
export { failedConditions, type SimConditions, type SimSubject, simConditionsSchema } from './documents/sim-conditions.ts';
export {
  parseSmsOrder,
  type SmsOrder,
  type SmsOrderKind,
  smsHandle,
  smsMacOctets,
  smsOrderBody,
  smsOrderKey,
  smsOrderKinds,
  smsOrderText,
} from './documents/sms-order.ts';
export {
  asksNoSim,
  isLaterVersion,
  type RuleLevel,
  type RuleVerdict,
  resolveRule,
  ruleLevelSchema,
  slotRule,
  type TargetDocument,
  type TargetRule,
  type TargetVersion,
  targetDocumentSchema,
  targetRuleSchema,
  targetVersionSchema,
} from './documents/target.ts';
export type { Ack } from './messages/ack.ts';
export type { Announce } from './messages/announce.ts';
export type { Confirm } from './messages/confirm.ts';
export { type DeviceEvent, type EventReport, severitySchema } from './messages/event.ts';
export type { Held } from './messages/held.ts';
export type { Hello } from './messages/hello.ts';
export {
  type JobDown,
  type JobKind,
  type JobOrder,
  type JobReport,
  type JobResult,
  jobOrderSchema,
  jobReportStateSchema,
} from './messages/job.ts';
export type { Presence } from './messages/presence.ts';
export { type ReportEnvelope, reportEnvelopeSchema } from './messages/report.ts';
export {
  type Abilities,
  type ConnectionState,
  connectionStateSchema,
  longestPauseS,
  type ModemState,
  modemStateSchema,
  type StateReport,
  type TargetStatus,
  targetChangeSchema,
  targetPauseSchema,
  targetStatusSchema,
} from './messages/state.ts';
export type { TargetDown } from './messages/target.ts';
export { type TelemetryColumn, type TelemetryReport, telemetryColumns } from './messages/telemetry.ts';
export { transactionIdSchema } from './messages/transaction.ts';
export * from './scalars.ts';
export {
  changeAccount,
  type DeviceAddress,
  downFilter,
  downTopic,
  everyUpFilter,
  parseAccount,
  parseDownTopic,
  parseUpTopic,
  type UpTopic,
  upTopic,
} from './topics.ts';
