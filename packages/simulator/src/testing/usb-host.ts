import { parseSetupPacket, type SetupPacket } from '../usb/setup-packet.ts';
import type { Urb, UrbResult } from '../usb/urb.ts';
import type { UsbDevice } from '../usb/usb-device.ts';

const nothing = new Uint8Array(0);

/** `80 06 0100 0000 0012`: request type and request as bytes, then value, index and length as numbers. */
export function setup(type: number, request: number, fields: { value?: number; index?: number; length?: number } = {}): SetupPacket {
  const { value = 0, index = 0, length = 0 } = fields;
  return parseSetupPacket(Uint8Array.from([type, request, value & 255, value >> 8, index & 255, index >> 8, length & 255, length >> 8]));
}

/** The host's side of a device, for tests: every transfer by hand. */
export interface UsbHost {
  /** Data towards the host, or how the request failed. */
  request(packet: SetupPacket, data?: Uint8Array): Uint8Array | 'stall' | 'gone' | 'protocol' | 'waiting';
  write(endpoint: number, data: Uint8Array): void;
  /** What waits on an endpoint, one transfer; null: nothing. */
  read(endpoint: number, room?: number): Uint8Array | null;
}

export function usbHost(device: UsbDevice): UsbHost {
  const submit = (urb: Omit<Urb, 'complete'>): { result: UrbResult | null; urb: Urb } => {
    const outcome: { result: UrbResult | null } = { result: null };
    const whole: Urb = {
      ...urb,
      complete: (result) => {
        outcome.result = result;
      },
    };
    device.submit(whole);
    return { result: outcome.result, urb: whole };
  };
  return {
    request(packet, data = nothing) {
      const { result } = submit({ endpoint: packet.toHost ? 0x80 : 0, setup: packet, data, room: packet.length });
      if (!result) return 'waiting';
      return result.status === 'ok' ? result.data : result.status;
    },
    write: (endpoint, data) => void submit({ endpoint, setup: null, data, room: 0 }),
    read(endpoint, room = 4_096) {
      const { result, urb } = submit({ endpoint, setup: null, data: nothing, room });
      if (result) return result.data;
      device.takeBack(urb);
      return null;
    },
  };
}
