import type { ModemConfig } from '../config/agent-config.ts';
import { type FoundModem, foundModems } from '../core/usb/found-modem.ts';
import type { ModemPlace } from '../core/usb/modem-place.ts';
import type { UsbBus } from './ports.ts';

/** As many as one state report tells of. */
const maxModems = 8;

/** Which modem of the configuration is where on the bus. A modem that is named by its IMEI alone is looked for, one candidate at a time. */
export class ModemPlaces {
  private readonly bus: UsbBus | null;
  /** USB path → id of the modem that was found there, or is being asked who it is. */
  private readonly settled = new Map<string, string>();
  /** Modem id → USB paths of others. */
  private readonly strangers = new Map<string, Set<string>>();
  private readonly turns = new Map<string, number>();

  constructor(bus: UsbBus | null) {
    this.bus = bus;
  }

  placeOf({ id, atPort, pppPort, usbPath }: ModemConfig): ModemPlace {
    if (atPort !== undefined) return { kind: 'ttys', atPath: atPort, pppPath: pppPort ?? null };
    const found = this.found();
    const candidates = found.filter((modem) => this.isCandidate(id, usbPath, modem));
    const own = candidates.find((modem) => this.settled.get(modem.usbPath) === id);
    const modem = own ?? candidates[(this.turns.get(id) ?? 0) % candidates.length];
    return modem ? { kind: 'usb', modem } : { kind: 'unplugged' };
  }

  /** Modems that the configuration need not name, as it would name them. */
  discovered(): readonly ModemConfig[] {
    const named = ({ usbPath }: FoundModem) => ({ id: usbPath, usbPath });
    return this.found().slice(0, maxModems).map(named);
  }

  /** Keeps others away from a place while its modem is asked who it is, and from then on. */
  settle(id: string, place: ModemPlace): void {
    if (place.kind === 'usb') this.settled.set(place.modem.usbPath, id);
  }

  /** Nothing answered there: the next candidate has its turn. */
  pass(id: string, place: ModemPlace): void {
    this.unsettle(id, place);
    this.turns.set(id, (this.turns.get(id) ?? 0) + 1);
  }

  /** Another modem than the one that was meant. */
  reject(id: string, place: ModemPlace): void {
    this.unsettle(id, place);
    if (place.kind === 'usb') this.strangers.set(id, new Set([...(this.strangers.get(id) ?? []), place.modem.usbPath]));
  }

  private unsettle(id: string, place: ModemPlace): void {
    if (place.kind === 'usb' && this.settled.get(place.modem.usbPath) === id) this.settled.delete(place.modem.usbPath);
  }

  private isCandidate(id: string, usbPath: string | undefined, modem: FoundModem): boolean {
    const holder = this.settled.get(modem.usbPath);
    const free = holder === undefined || holder === id;
    return free && (usbPath === undefined || usbPath === modem.usbPath) && !this.strangers.get(id)?.has(modem.usbPath);
  }

  private found(): readonly FoundModem[] {
    const found = this.bus ? foundModems(this.bus.devices()) : [];
    const present = new Set(found.map(({ usbPath }) => usbPath));
    // Whatever is plugged in next at an empty place may be anything.
    for (const strangers of this.strangers.values()) for (const path of strangers) if (!present.has(path)) strangers.delete(path);
    return found;
  }
}
