import { failure, type QmiHandler, type QmiService, success } from '../qmi-call.ts';
import { qmiError } from '../qmi-error.ts';
import { tlv } from '../tlv.ts';
import { profileMessages } from './wds-profiles.ts';
import { currentSettings } from './wds-settings.ts';
import { familyOf, familyOfNumber, packetServiceStatus, startNetwork, stopNetwork } from './wds-start.ts';

const setIpFamily: QmiHandler = ({ input, session, client }) => {
  const number = input.u8(0x01);
  if (number === null) return failure(qmiError.missingArgument);
  const family = familyOfNumber(number);
  if (family === null) return failure(qmiError.invalidArgument);
  session.families.set(client, family);
  return success();
};

/** Rates in bit/s that the firmware reports for LTE category 4 (composed). */
const channelRates: QmiHandler = (call) => {
  if (!call.session.calls.has(familyOf(call))) return failure(qmiError.outOfCall);
  return success(tlv(0x01, (writer) => writer.u32(50_000_000).u32(150_000_000).u32(50_000_000).u32(150_000_000)));
};

/** Counters that nothing simulated fills are all ones, as the firmware says "not known". */
const packetStatistics: QmiHandler = (call) => {
  if (!call.session.calls.has(familyOf(call))) return failure(qmiError.outOfCall);
  return success(...[0x10, 0x11, 0x12, 0x13].map((type) => tlv(type, (writer) => writer.u32(0))));
};

/** WDS: data calls and profiles. */
export const wdsService: QmiService = new Map<number, QmiHandler>([
  [0x0000, () => success()],
  [0x0001, () => success()],
  [0x0020, startNetwork],
  [0x0021, stopNetwork],
  [0x0022, packetServiceStatus],
  [0x0023, channelRates],
  [0x0024, packetStatistics],
  [0x002d, currentSettings],
  [0x0034, () => success(tlv(0x01, (writer) => writer.u8(0)))],
  [0x0037, () => success(tlv(0x01, (writer) => writer.u8(5)))],
  [0x004d, setIpFamily],
  [0x0051, () => success()],
  [0x00a2, () => success()],
  ...profileMessages,
]);
