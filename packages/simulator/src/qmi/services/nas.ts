import type { Rat } from '@towline/modem';
import { isRegistered } from '../../modem/bearers.ts';
import type { ModemControl } from '../../modem/modem-control.ts';
import { cellOf } from '../../modem/radio.ts';
import { failure, type QmiHandler, type QmiService, success } from '../qmi-call.ts';
import { qmiError } from '../qmi-error.ts';
import { type Tlv, tlv } from '../tlv.ts';

/** NAS radio interfaces: 4 GSM, 5 UMTS, 8 LTE, 12 NR. */
const radioInterface: Readonly<Record<Rat, number>> = {
  gsm: 4,
  umts: 5,
  lte: 8,
  'lte-m': 8,
  'nb-iot': 8,
  'nr-nsa': 8,
  'nr-sa': 12,
};

/** Data capabilities: 1 GPRS, 11 LTE, 3 HSDPA; 5G has none here. */
const dataCapability: Readonly<Record<Rat, number>> = { gsm: 1, umts: 3, lte: 11, 'lte-m': 11, 'nb-iot': 11, 'nr-nsa': 11, 'nr-sa': 11 };

/** MCC and MNC of digits. */
export function plmnParts(plmn: string): { readonly mcc: number; readonly mnc: number; readonly threeDigits: boolean } {
  return { mcc: Number(plmn.slice(0, 3)), mnc: Number(plmn.slice(3)), threeDigits: plmn.length === 6 };
}

/** Registration states of NAS: 0 not registered, 1 registered, 2 searching, 3 denied, 4 unknown. */
function registrationNumber(modem: ModemControl): number {
  const { registration } = modem.state.running;
  return registration === 5 ? 1 : registration;
}

/** The fields of Get Serving System, the same in its indication. */
export function servingSystemTlvs(modem: ModemControl): readonly Tlv[] {
  const { state, world } = modem;
  const { rat, packetAttached, registration } = state.running;
  const registered = isRegistered(state) && rat !== null;
  const voice = registered && world.network.hasVoice(world.sim()?.imsi ?? '');
  const attach = (on: boolean): number => (on ? 1 : 2);
  const tlvs = [
    tlv(0x01, (writer) => {
      writer
        .u8(registrationNumber(modem))
        .u8(attach(voice))
        .u8(attach(registered && packetAttached))
        .u8(registered ? 2 : 0);
      return registered ? writer.u8(1).u8(radioInterface[rat]) : writer.u8(1).u8(0);
    }),
  ];
  if (!registered) return tlvs;
  const { mcc, mnc, threeDigits } = plmnParts(world.network.plmn);
  const cell = cellOf(world.seed, rat);
  return [
    ...tlvs,
    tlv(0x10, (writer) => writer.u8(registration === 5 ? 0 : 1)),
    tlv(0x11, (writer) => writer.u8(1).u8(dataCapability[rat])),
    tlv(0x12, (writer) => writer.u16(mcc).u16(mnc).text8(world.network.name)),
    tlv(0x1d, (writer) => writer.u32(Number.parseInt(cell.id, 16))),
    tlv(0x24, (writer) => writer.u16(Number.parseInt(cell.area, 16))),
    tlv(0x27, (writer) =>
      writer
        .u16(mcc)
        .u16(mnc)
        .u8(threeDigits ? 1 : 0),
    ),
  ];
}

const signalStrength: QmiHandler = ({ modem }) => {
  const { rat } = modem.state.running;
  if (rat === null) return failure(qmiError.informationUnavailable);
  const { rssi } = modem.world.radio();
  return success(tlv(0x01, (writer) => writer.u8(rssi & 0xff).u8(radioInterface[rat])));
};

/** Power in dBm, RSRQ in dB, SINR in tenths of dB. */
const signalInfo: QmiHandler = ({ modem }) => {
  const { rat } = modem.state.running;
  if (rat === null) return success();
  const { rssi, rsrp, rsrq, sinr } = modem.world.radio();
  if (rat === 'gsm') return success(tlv(0x12, (writer) => writer.u8(rssi & 0xff)));
  if (rat === 'umts') return success(tlv(0x13, (writer) => writer.u8(rssi & 0xff).u16(20)));
  if (rat === 'nr-sa')
    return success(
      tlv(0x17, (writer) => writer.u16(rsrp & 0xffff).u16((sinr * 10) & 0xffff)),
      tlv(0x18, (writer) => writer.u16(rsrq & 0xffff)),
    );
  return success(
    tlv(0x14, (writer) =>
      writer
        .u8(rssi & 0xff)
        .u8(rsrq & 0xff)
        .u16(rsrp & 0xffff)
        .u16((sinr * 10) & 0xffff),
    ),
  );
};

const homeNetwork: QmiHandler = ({ modem }) => {
  const sim = modem.world.sim();
  if (!sim || modem.state.running.pin !== 'verified') return failure(qmiError.notProvisioned);
  const plmn = sim.imsi.slice(0, 3 + sim.mncLength);
  const { mcc, mnc } = plmnParts(plmn);
  const name = modem.world.network.plmn === plmn ? modem.world.network.name : '';
  return success(
    tlv(0x01, (writer) => writer.u16(mcc).u16(mnc).text8(name)),
    tlv(0x12, (writer) => writer.u8(1).u8(sim.mncLength === 3 ? 1 : 0)),
  );
};

/** Service status: 0 none, 1 limited, 2 full; domains: 0 none, 1 CS, 2 PS, 3 both. */
const systemInfo: QmiHandler = ({ modem }) => {
  const { state, world } = modem;
  const { rat, registration } = state.running;
  const isLimited = registration === 3;
  if (rat === null || !isRegistered(state))
    return success(
      tlv(0x14, (writer) =>
        writer
          .u8(isLimited ? 1 : 0)
          .u8(isLimited ? 1 : 0)
          .u8(0),
      ),
    );
  const cell = cellOf(world.seed, rat);
  const { plmn } = world.network;
  const [status, info] = rat === 'gsm' ? [0x12, 0x17] : rat === 'umts' ? [0x13, 0x18] : [0x14, 0x19];
  return success(
    tlv(status, (writer) => writer.u8(2).u8(2).u8(1)),
    tlv(info, (writer) => {
      writer
        .u8(1)
        .u8(3)
        .u8(1)
        .u8(3)
        .u8(1)
        .u8(registration === 5 ? 1 : 0)
        .u8(1)
        .u8(0);
      writer.u8(0).u16(0xffff).u8(1).u32(Number.parseInt(cell.id, 16));
      writer.u8(0).u8(0).u8(0);
      writer
        .u8(1)
        .text(plmn.slice(0, 3))
        .text(plmn.slice(3).padEnd(3, '\xff').slice(0, 2))
        .u8(plmn.length === 6 ? plmn.charCodeAt(5) : 0xff);
      if (info === 0x17) writer.u8(0).u8(0).u8(0).u8(0);
      if (info === 0x18) writer.u8(0).u8(0).u8(0).u16(0);
      if (info === 0x19) writer.u8(1).u16(Number.parseInt(cell.area, 16));
      return writer;
    }),
  );
};

const registerIndications: QmiHandler = ({ input, session, client }) => {
  const wanted = input.u8(0x13);
  if (wanted === 1) session.servingSystemListeners.add(client);
  if (wanted === 0) session.servingSystemListeners.delete(client);
  return success();
};

/** NAS: the network. */
export const nasService: QmiService = new Map<number, QmiHandler>([
  [0x0000, () => success()],
  [0x0002, () => success()],
  [0x0003, registerIndications],
  [0x0020, signalStrength],
  [0x0022, () => success()],
  [0x0024, ({ modem }) => success(...servingSystemTlvs(modem))],
  [0x0025, homeNetwork],
  [0x004d, systemInfo],
  [0x004f, signalInfo],
]);
