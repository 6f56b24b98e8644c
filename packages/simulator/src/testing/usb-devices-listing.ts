import { descriptorType } from '../usb/descriptors.ts';
import { readLe16 } from '../usb/little-endian.ts';

const classNames: Readonly<Record<number, string>> = {
  0x00: '>ifc ',
  0x02: 'comm.',
  0x0a: 'data ',
  0xe0: 'wlcon',
  0xef: 'misc ',
  0xff: 'vend.',
};

function hex(value: number, length = 2): string {
  return value.toString(16).padStart(length, '0');
}

function classText(bytes: Uint8Array, at: number): string {
  const [main = 0, sub = 0, protocol = 0] = bytes.subarray(at, at + 3);
  return `Cls=${hex(main)}(${classNames[main] ?? 'unk. '}) Sub=${hex(sub)} Prot=${hex(protocol)}`;
}

/** Cuts a configuration into its descriptors. */
function split(bytes: Uint8Array): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += bytes[at] ?? bytes.length) parts.push(bytes.subarray(at, at + (bytes[at] ?? bytes.length)));
  return parts;
}

function release(value: number): string {
  return `${hex(value >>> 8, 1).padStart(2)}.${hex(value & 0xff)}`;
}

function deviceLines(device: Uint8Array): readonly string[] {
  return [
    `D:  Ver=${release(readLe16(device, 2))} ${classText(device, 4)} MxPS=${String(device[7]).padStart(2)} #Cfgs=${String(device[17]).padStart(3)}`,
    `P:  Vendor=${hex(readLe16(device, 8), 4)} ProdID=${hex(readLe16(device, 10), 4)} Rev=${release(readLe16(device, 12))}`,
  ];
}

function endpointLine(part: Uint8Array): string {
  const address = part[2] ?? 0;
  const interrupt = part[3] === 3;
  // High speed: 2^(bInterval - 1) microframes of 125 us.
  const microseconds = interrupt ? 125 * 2 ** ((part[6] ?? 1) - 1) : 0;
  const interval = microseconds % 1000 === 0 ? `${microseconds / 1000}ms` : `${microseconds}us`;
  return `E:  Ad=${hex(address)}(${address >= 0x80 ? 'I' : 'O'}) Atr=${hex(part[3] ?? 0)}(${interrupt ? 'Int.' : 'Bulk'}) MxPS=${String(readLe16(part, 4)).padStart(4)} Ivl=${interval}`;
}

export interface ListingInput {
  readonly device: Uint8Array;
  readonly configuration: Uint8Array;
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  /** Driver by interface number; the alternate setting in force is the last one. */
  readonly drivers: ReadonlyMap<number, string>;
}

/** Renders descriptors as `/sys/kernel/debug/usb/devices` does (Linux drivers/usb/core/devices.c), without the line of the topology. */
export function usbDevicesListing(input: ListingInput): string {
  const parts = split(input.configuration);
  const [head = new Uint8Array(9)] = parts;
  const last = new Map(parts.filter((part) => part[1] === descriptorType.interface).map((part) => [part[2] ?? 0, part[3] ?? 0]));
  const lines = parts.flatMap((part): readonly string[] => {
    if (part[1] === descriptorType.endpoint) return [endpointLine(part)];
    if (part[1] === descriptorType.association) {
      return [`A:  FirstIf#=${String(part[2]).padStart(2)} IfCount=${String(part[3]).padStart(2)} ${classText(part, 4)}`];
    }
    if (part[1] !== descriptorType.interface) return [];
    const [number = 0, alternate = 0, count = 0] = part.subarray(2, 5);
    const mark = last.get(number) === alternate ? '*' : ' ';
    const numbers = `If#=${String(number).padStart(2)} Alt=${String(alternate).padStart(2)} #EPs=${String(count).padStart(2)}`;
    return [`I:${mark} ${numbers} ${classText(part, 5)} Driver=${input.drivers.get(number) ?? '(none)'}`];
  });
  return [
    ...deviceLines(input.device),
    `S:  Manufacturer=${input.manufacturer}`,
    `S:  Product=${input.product}`,
    `S:  SerialNumber=${input.serial}`,
    `C:* #Ifs=${String(head[4]).padStart(2)} Cfg#=${String(head[5]).padStart(2)} Atr=${hex(head[7] ?? 0)} MxPwr=${String((head[8] ?? 0) * 2).padStart(3)}mA`,
    ...lines.filter((line) => line.startsWith('A:')),
    ...lines.filter((line) => !line.startsWith('A:')),
  ].join('\n');
}
