import { type QmiCall, type QmiHandler, type QmiService, success } from '../qmi-call.ts';
import { type Tlv, tlv } from '../tlv.ts';

function formatTlvs({ session }: QmiCall): readonly Tlv[] {
  return [
    tlv(0x10, (writer) => writer.u8(0)),
    tlv(0x11, (writer) => writer.u32(session.linkProtocol === 'raw-ip' ? 2 : 1)),
    tlv(0x12, (writer) => writer.u32(0)),
    tlv(0x13, (writer) => writer.u32(0)),
    tlv(0x14, (writer) => writer.u32(0)),
    tlv(0x15, (writer) => writer.u32(0)),
    tlv(0x16, (writer) => writer.u32(0)),
  ];
}

/** Set Data Format answers what the modem then does, which need not be what was asked for; aggregation is never granted. */
const setDataFormat: QmiHandler = (call) => {
  const { input, session, modem } = call;
  const number = input.u32(0x11);
  const wanted = number === 2 ? 'raw-ip' : 'ethernet';
  if (number !== null && modem.world.character.qmiLinkProtocols.includes(wanted)) session.linkProtocol = wanted;
  return success(...formatTlvs(call));
};

/** WDA: how packets cross the bulk endpoints. */
export const wdaService: QmiService = new Map<number, QmiHandler>([
  [0x0020, setDataFormat],
  [0x0021, (call) => success(...formatTlvs(call))],
]);
