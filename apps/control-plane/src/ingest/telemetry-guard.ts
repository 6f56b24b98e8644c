import { type TelemetryColumn, type TelemetryReport, telemetryColumns } from '@towline/protocol';

/** As in the schema, which stays the judge: what is not recognised here goes to it, for its verdict and its reasons. */
const bounds: Readonly<Record<TelemetryColumn, { min: number; max: number; whole: boolean }>> = {
  rssiDbm: { min: -200, max: 100, whole: false },
  rsrpDbm: { min: -200, max: 100, whole: false },
  rsrqDb: { min: -200, max: 100, whole: false },
  sinrDb: { min: -200, max: 100, whole: false },
  temperatureC: { min: -100, max: 300, whole: false },
  rxBytes: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
  txBytes: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
};
const maxSamples = 288;
const latestTime = 253_402_300_799_999;
const epochPattern = /^[0-9a-z]{8}$/;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (json: unknown): json is Fields => typeof json === 'object' && json !== null;
const isWhole = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;

function isColumn(values: unknown, name: TelemetryColumn, length: number): boolean {
  if (values === undefined) return true;
  if (!Array.isArray(values) || values.length !== length) return false;
  const { min, max, whole } = bounds[name];
  for (const value of values) {
    if (value === null) continue;
    if (typeof value !== 'number' || !(value >= min && value <= max)) return false;
    if (whole && !Number.isSafeInteger(value)) return false;
  }
  return true;
}

function isEnvelope({ epoch, sequence, base, sentAt }: Fields): boolean {
  if (typeof epoch !== 'string' || !epochPattern.test(epoch)) return false;
  return isWhole(sequence, 1, Number.MAX_SAFE_INTEGER) && isWhole(base, 1, Number.MAX_SAFE_INTEGER) && isWhole(sentAt, 0, latestTime);
}

/**
 * Whether this is certainly a telemetry report. Nearly every message is one, and this look costs a tenth of what the schema's
 * does, which was the largest single part of ingest. It never accepts what the schema refuses; a property test holds it to that.
 */
export function isTelemetryReport(json: unknown): json is TelemetryReport {
  if (!isFields(json) || !isEnvelope(json)) return false;
  const { modem, at } = json;
  if (typeof modem !== 'string' || modem.length > 80) return false;
  if (!Array.isArray(at) || at.length === 0 || at.length > maxSamples) return false;
  for (const time of at) if (!isWhole(time, 0, latestTime)) return false;
  for (const name of telemetryColumns) if (!isColumn(json[name], name, at.length)) return false;
  return true;
}
