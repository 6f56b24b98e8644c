import { ByteWriter } from '../../binary/byte-writer.ts';
import { answer, type MbimHandler, type MbimService, refusal } from '../mbim-call.ts';
import { mbimStatus } from '../mbim-status.ts';
import { MbimStruct } from '../mbim-struct.ts';
import { mbimServices } from '../uuid.ts';
import { connect } from './connect.ts';
import { deviceCaps, radioState, subscriberReadyBuffer } from './device.ts';
import { ipConfiguration } from './ip-configuration.ts';
import { homeProvider, packetService, register, signalState, visibleProviders } from './network.ts';
import { pin, pinList } from './pin.ts';
import { attachConfiguration, attachInfo, provisionedContexts } from './stored-contexts.ts';

/** Counters that nothing simulated fills. */
const packetStatistics: MbimHandler = () => answer(new MbimStruct().u32(0).u32(0).u64(0n).u64(0n).u64(0n).u64(0n).u32(0).u32(0).done());

/** Everything is reported anyway; the list that the host asked for is given back as it came. */
const subscribe: MbimHandler = ({ input }) => {
  const count = input.u32();
  const elements = Array.from({ length: Math.min(count, 64) }, () => input.element());
  return input.whole ? answer(new MbimStruct().list(elements).done()) : refusal(mbimStatus.invalidParameters);
};

const basicConnect: ReadonlyMap<number, MbimHandler> = new Map<number, MbimHandler>([
  [1, deviceCaps],
  [2, ({ modem }) => answer(subscriberReadyBuffer(modem))],
  [3, radioState],
  [4, pin],
  [5, pinList],
  [6, homeProvider],
  [8, visibleProviders],
  [9, register],
  [10, packetService],
  [11, signalState],
  [12, connect],
  [13, provisionedContexts],
  [15, ipConfiguration],
  [16, () => answer(deviceServices())],
  [19, subscribe],
  [20, packetStatistics],
]);

/** MBIM 1.0 with the first extensions: both as binary-coded decimals. */
const version: MbimHandler = () => answer(new ByteWriter(4).u16(0x0100).u16(0x0100).done());

const extensions: ReadonlyMap<number, MbimHandler> = new Map<number, MbimHandler>([
  [3, attachConfiguration],
  [4, attachInfo],
  [15, version],
]);

/** Services by their UUID, without QMI, which is a channel of its own. */
export const mbimServiceTable: ReadonlyMap<string, MbimService> = new Map([
  [mbimServices.basicConnect, basicConnect],
  [mbimServices.basicConnectExtensions, extensions],
]);

function serviceElement(service: string, cids: readonly number[]): Uint8Array {
  const struct = new MbimStruct().uuid(service).u32(0).u32(0).u32(cids.length);
  for (const cid of cids) struct.u32(cid);
  return struct.done();
}

/** DEVICE_SERVICES: the count stands apart from the list, with the number of DSS sessions between. */
function deviceServices(): Uint8Array {
  const elements = [...mbimServiceTable].map(([service, commands]) => serviceElement(service, [...commands.keys()]));
  elements.push(serviceElement(mbimServices.qmi, [1]));
  const fixed = 8 + 8 * elements.length;
  const writer = new ByteWriter().u32(elements.length).u32(0);
  let at = fixed;
  for (const element of elements) {
    writer.u32(at).u32(element.length);
    at += element.length;
  }
  for (const element of elements) writer.bytes(element);
  return writer.done();
}
