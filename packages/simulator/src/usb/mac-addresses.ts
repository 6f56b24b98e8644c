import { modelById } from '@towline/modem';

/** A locally administered prefix, for models whose own is not known. */
const localPrefix = '02:50:f4';

/** Last digits of the IMEI that go into the address. */
const ownDigits = 6;

/** The MAC for the host's interface, six bytes: the vendor's half from the model file, the rest from the IMEI. */
export function hostMacOf(model: string, imei: string): Uint8Array {
  const prefix = modelById(model)?.usb.device?.macPrefix ?? localPrefix;
  const own = Number(imei.slice(-ownDigits)) || 0;
  return Uint8Array.from([...prefix.split(':').map((byte) => Number.parseInt(byte, 16)), own >>> 16, (own >>> 8) & 0xff, own & 0xff]);
}

/** The module's own MAC on the wire to the host: the host's with the last bit turned. */
export function modemMacOf(hostMac: Uint8Array): Uint8Array {
  return hostMac.map((byte, at) => (at === hostMac.length - 1 ? byte ^ 1 : byte));
}
