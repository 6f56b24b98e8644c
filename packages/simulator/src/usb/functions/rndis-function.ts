import type { Cancel } from '@towline/kit';
import { le32, readLe32 } from '../little-endian.ts';
import type { SetupPacket } from '../setup-packet.ts';
import type { ControlAnswer, UsbFunction } from '../usb-function.ts';
import { EncapsulatedControl } from './encapsulated-control.ts';
import type { FrameChannel, NetworkWiring } from './network-wiring.ts';
import {
  initializeComplete,
  keepaliveComplete,
  parseRndisCommand,
  queryComplete,
  type RndisCommand,
  resetComplete,
  rndisStatus,
  setComplete,
  unwrapFrames,
  wrapFrame,
} from './rndis-messages.ts';

/** Object identifiers of MS-RNDIS clause 2.2.1 and NDIS that hosts ask for. */
const oid = {
  supportedList: 0x0001_0101,
  hardwareStatus: 0x0001_0102,
  mediaSupported: 0x0001_0103,
  mediaInUse: 0x0001_0104,
  maximumFrameSize: 0x0001_0106,
  linkSpeed: 0x0001_0107,
  transmitBlockSize: 0x0001_010a,
  receiveBlockSize: 0x0001_010b,
  vendorId: 0x0001_010c,
  currentPacketFilter: 0x0001_010e,
  maximumTotalSize: 0x0001_0111,
  mediaConnectStatus: 0x0001_0114,
  permanentAddress: 0x0101_0101,
  currentAddress: 0x0101_0102,
  multicastList: 0x0101_0103,
  maximumListSize: 0x0101_0104,
} as const;

/** A response is there: MS-RNDIS clause 2.1.2.1, and not the notification of CDC. */
const notification = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0]);

const maximumFrame = 1_500;
const maximumTotal = 1_514;
/** In units of 100 bit/s. */
const linkSpeed = 1_500_000;

/** RNDIS with one frame a message. Frames go only while the host has set a packet filter. */
export class RndisFunction implements UsbFunction {
  readonly interfaces: readonly number[];
  readonly #wiring: NetworkWiring;
  readonly #frames: FrameChannel;
  readonly #objects: ReadonlyMap<number, Uint8Array>;
  readonly #control: EncapsulatedControl;
  #filter = 0;
  #stop: Cancel | null = null;

  /** @param hostMac the address that the host's interface takes, six bytes */
  constructor(wiring: NetworkWiring, frames: FrameChannel, hostMac: Uint8Array) {
    this.interfaces = [wiring.control, wiring.data];
    this.#wiring = wiring;
    this.#frames = frames;
    this.#objects = objectsOf(hostMac);
    this.#control = new EncapsulatedControl({
      interfaceNumber: wiring.control,
      interruptIn: wiring.interruptIn,
      pipes: wiring.pipes,
      notification,
      receive: (message) => this.#command(parseRndisCommand(message)),
    });
  }

  control(setup: SetupPacket, data: Uint8Array): ControlAnswer {
    return this.#control.control(setup, data) ?? 'stall';
  }

  receive(_endpoint: number, data: Uint8Array): void {
    if (this.#filter !== 0) for (const frame of unwrapFrames(data)) this.#frames.receive(frame);
  }

  selectAlternate(): void {
    this.#off();
  }

  close(): void {
    this.#off();
    this.#frames.close();
  }

  #off(): void {
    this.#setFilter(0);
    this.#control.clear();
  }

  #command(command: RndisCommand): void {
    switch (command.kind) {
      case 'initialize':
        return this.#control.respond(initializeComplete(command.id));
      case 'halt':
        return this.#off();
      case 'reset':
        this.#setFilter(0);
        return this.#control.respond(resetComplete());
      case 'keepalive':
        return this.#control.respond(keepaliveComplete(command.id));
      case 'query':
        return this.#control.respond(queryComplete(command.id, this.#query(command.oid)));
      case 'set':
        return this.#control.respond(setComplete(command.id, this.#set(command.oid, command.value)));
      case 'unknown':
        return;
    }
  }

  #query(asked: number): Uint8Array | null {
    if (asked === oid.currentPacketFilter) return Uint8Array.from(le32(this.#filter));
    return this.#objects.get(asked) ?? null;
  }

  #set(asked: number, value: Uint8Array): number {
    if (asked === oid.multicastList) return rndisStatus.success;
    if (asked !== oid.currentPacketFilter || value.length < 4) return rndisStatus.notSupported;
    this.#setFilter(readLe32(value, 0));
    return rndisStatus.success;
  }

  #setFilter(filter: number): void {
    const { pipes, bulkIn } = this.#wiring;
    this.#filter = filter;
    if (filter !== 0) {
      this.#stop ??= this.#frames.onFrame((frame) => pipes.send(bulkIn, wrapFrame(frame)));
      return;
    }
    this.#stop?.();
    this.#stop = null;
    pipes.clear(bulkIn);
  }
}

function objectsOf(hostMac: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const numbers: readonly (readonly [number, number])[] = [
    [oid.hardwareStatus, 0],
    [oid.mediaSupported, 0],
    [oid.mediaInUse, 0],
    [oid.maximumFrameSize, maximumFrame],
    [oid.linkSpeed, linkSpeed],
    [oid.transmitBlockSize, maximumTotal],
    [oid.receiveBlockSize, maximumTotal],
    [oid.vendorId, 0xff_ffff],
    [oid.maximumTotalSize, maximumTotal],
    [oid.mediaConnectStatus, 0],
    [oid.maximumListSize, 1],
  ];
  return new Map([
    ...numbers.map(([key, value]) => [key, Uint8Array.from(le32(value))] as const),
    [oid.supportedList, Uint8Array.from(Object.values(oid).flatMap(le32))] as const,
    [oid.permanentAddress, hostMac] as const,
    [oid.currentAddress, hostMac] as const,
  ]);
}
