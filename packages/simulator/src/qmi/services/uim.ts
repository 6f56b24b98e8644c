import type { ByteWriter } from '../../binary/byte-writer.ts';
import type { SimulatedSim } from '../../modem/simulated-sim.ts';
import { failure, type QmiCall, type QmiHandler, type QmiService, success } from '../qmi-call.ts';
import { qmiError } from '../qmi-error.ts';
import { tlv } from '../tlv.ts';
import { unblockPin, verifyPin, withCard, withOpenCard } from './dms-pin.ts';

/** Application of a USIM: TS 31.102 clause 4 with the AID of TS 101.220. */
const usimAid = Uint8Array.of(0xa0, 0, 0, 0, 0x87, 0x10, 2, 0xff, 0xff, 0xff, 0xff, 0x89, 6, 0x19, 0, 0);

const noApplication = 0xffff;

/** Application states: 2 PIN asked, 3 PUK asked, 7 ready. PIN states: 1 not verified, 2 verified, 3 disabled, 4 blocked. */
function writeApplication(writer: ByteWriter, call: QmiCall, sim: SimulatedSim): void {
  const { pin } = call.modem.state.running;
  const applicationState = { asked: 2, blocked: 3, verified: 7 }[pin];
  const pinState = { asked: 1, blocked: 4, verified: sim.locked() ? 2 : 3 }[pin];
  writer.u8(2).u8(applicationState).u8(2).u8(0).u8(0).u8(0);
  writer.u8(usimAid.length).bytes(usimAid).u8(0);
  writer.u8(pinState).u8(sim.pinTriesLeft()).u8(sim.pukTriesLeft());
  writer.u8(1).u8(3).u8(10);
}

const cardStatus: QmiHandler = (call) => {
  const { world } = call.modem;
  const sim = world.sim();
  const isBusy = world.behaviours.find('sim-busy') !== undefined;
  return success(
    tlv(0x10, (writer) => {
      const primary = sim && !isBusy ? 0 : noApplication;
      writer.u16(primary).u16(noApplication).u16(noApplication).u16(noApplication).u8(1);
      // Card states: 0 absent, 1 present, 2 error; error 5 is a card that does not answer (yet).
      writer
        .u8(sim ? 1 : 0)
        .u8(0)
        .u8(0)
        .u8(0)
        .u8(sim ? 0 : 3);
      if (!sim || isBusy) return writer.u8(0);
      writer.u8(1);
      writeApplication(writer, call, sim);
      return writer;
    }),
  );
};

/** Digits two by two, low half first, as in EF-ICCID (TS 51.011 clause 10.1.1) and EF-IMSI. */
function swapped(digits: string): Uint8Array {
  const padded = digits.length % 2 === 0 ? digits : `${digits}F`;
  return Uint8Array.from({ length: padded.length / 2 }, (_none, index) => {
    const low = Number.parseInt(padded[2 * index] ?? 'F', 16);
    return (Number.parseInt(padded[2 * index + 1] ?? 'F', 16) << 4) | low;
  });
}

/** TS 31.102 clause 4.2.2: length, then the digits behind a half byte of parity. */
function imsiFile(imsi: string): Uint8Array {
  const body = swapped(`9${imsi}`);
  return Uint8Array.of(body.length, ...body);
}

/** EF-AD, TS 31.102 clause 4.2.18: the fourth byte is the length of the MNC. */
function administrativeData(sim: SimulatedSim): Uint8Array {
  return Uint8Array.of(0, 0, 0, sim.mncLength);
}

/** EF-GID1, TS 31.102 clause 4.2.10: octets of the operator's own choice. */
function groupIdentifier({ gid1 }: SimulatedSim): Uint8Array | null {
  return gid1 === null ? null : Uint8Array.from(gid1.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** EF-ICCID needs no PIN. */
const iccidFile = 0x2fe2;

function fileOf(fileId: number, sim: SimulatedSim): Uint8Array | null {
  if (fileId === iccidFile) return swapped(sim.iccid);
  if (fileId === 0x6f07) return imsiFile(sim.imsi);
  if (fileId === 0x6f3e) return groupIdentifier(sim);
  return fileId === 0x6fad ? administrativeData(sim) : null;
}

const readTransparent: QmiHandler = withCard((call, sim) => {
  const file = call.input.reader(0x02);
  const range = call.input.reader(0x03);
  if (!file || !range) return failure(qmiError.missingArgument);
  const fileId = file.u16();
  const content = fileOf(fileId, sim);
  if (!content)
    return failure(
      qmiError.simFileNotFound,
      tlv(0x10, (writer) => writer.u8(0x6a).u8(0x82)),
    );
  if (fileId !== iccidFile && call.modem.state.running.pin !== 'verified')
    return failure(
      qmiError.accessDenied,
      tlv(0x10, (writer) => writer.u8(0x69).u8(0x82)),
    );
  const offset = range.u16();
  const length = range.u16();
  const part = content.subarray(offset, length === 0 ? undefined : offset + length);
  return success(
    tlv(0x10, (writer) => writer.u8(0x90).u8(0)),
    tlv(0x11, (writer) => writer.u16(part.length).bytes(part)),
  );
});

const fileAttributes: QmiHandler = withOpenCard((call, sim) => {
  const fileId = call.input.reader(0x02)?.u16() ?? 0;
  const content = fileOf(fileId, sim);
  if (!content)
    return failure(
      qmiError.simFileNotFound,
      tlv(0x10, (writer) => writer.u8(0x6a).u8(0x82)),
    );
  return success(
    tlv(0x10, (writer) => writer.u8(0x90).u8(0)),
    tlv(0x11, (writer) => {
      writer.u16(content.length).u16(fileId).u8(0).u16(0).u16(0);
      for (let right = 0; right < 5; right += 1) writer.u8(0).u16(1);
      return writer.u16(0);
    }),
  );
});

/** One physical slot: card 1 absent, 2 present; slot 1 active. */
const slotStatus: QmiHandler = ({ modem }) => {
  const sim = modem.world.sim();
  return success(
    tlv(0x10, (writer) => {
      const iccid = sim ? swapped(sim.iccid) : new Uint8Array();
      return writer
        .u8(1)
        .u32(sim ? 2 : 1)
        .u32(1)
        .u8(1)
        .u8(iccid.length)
        .bytes(iccid);
    }),
  );
};

/** UIM: the card. */
export const uimService: QmiService = new Map<number, QmiHandler>([
  [0x0000, () => success()],
  [0x0020, readTransparent],
  [0x0024, fileAttributes],
  [0x0026, verifyPin(0x02)],
  [0x0027, unblockPin(0x02)],
  [0x002e, ({ input }) => success(tlv(0x10, (writer) => writer.u32(input.u32(0x01) ?? 0)))],
  [0x002f, cardStatus],
  [0x0047, slotStatus],
]);
