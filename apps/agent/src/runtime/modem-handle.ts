import { type Cancel, faultText } from '@towline/kit';
import type { DataMode, Identity, ModemDriver, ModemFailure, ModemNotice, Reading, SwitchableModemDriver } from '@towline/modem';
import type { ModemConfig } from '../config/agent-config.ts';
import { isSamePlace, type ModemPlace } from '../core/usb/modem-place.ts';

/** Opens the driver of a modem at its place. */
export type OpenModem = (modem: ModemConfig, place: ModemPlace) => Promise<Reading<SwitchableModemDriver>>;

interface HandleNeeds {
  readonly open: OpenModem;
  /** Where the modem is now. */
  readonly place: () => ModemPlace;
  readonly listen: (notice: ModemNotice) => void;
}

/** What an operation gives when the port went away in the middle of it. */
export function portFailure(error: unknown): ModemFailure {
  return { code: 'at.port-closed', evidence: [faultText(error)] };
}

/** Runs an operation; a port that goes away is a failure like others, not an exception. */
export async function reading<Value>(operation: () => Promise<Reading<Value>>): Promise<Reading<Value>> {
  try {
    return await operation();
  } catch (error) {
    return { ok: false, failure: portFailure(error) };
  }
}

/** Questions for the data mode that get no answer, before a modem counts as one that does not tell. */
const maxSilences = 3;

/** One modem's driver, opened when it is needed and let go of when its ports go away. */
export class ModemHandle {
  private readonly config: ModemConfig;
  private readonly needs: HandleNeeds;
  private place: ModemPlace = { kind: 'unplugged' };
  private driver: SwitchableModemDriver | null = null;
  private known: Identity | null = null;
  private mode: DataMode | null = null;
  private silences = 0;
  /** Undefined: not asked since the port was opened. */
  private offered: readonly DataMode[] | null | undefined;
  private cancelNotices: Cancel = () => {};

  constructor(config: ModemConfig, needs: HandleNeeds) {
    this.config = config;
    this.needs = needs;
  }

  /** The driver if it is open. */
  current(): SwitchableModemDriver | null {
    return this.driver;
  }

  /** Where the modem was at the last look. */
  lastPlace(): ModemPlace {
    return this.place;
  }

  async ready(): Promise<Reading<SwitchableModemDriver>> {
    const place = this.needs.place();
    const moved = !isSamePlace(this.place, place);
    this.place = place;
    // Open ports of a device that has gone keep their names from the one that comes back.
    if (moved && this.driver) await this.release();
    if (this.driver) return { ok: true, value: this.driver };
    const opened = await reading(() => this.needs.open(this.config, place));
    if (opened.ok) this.adopt(opened.value);
    return opened;
  }

  /** Read once per opening: a modem does not change its name while its port stays open. */
  async identity(driver: ModemDriver): Promise<Reading<Identity>> {
    if (this.known) return { ok: true, value: this.known };
    const read = await reading(() => driver.identify());
    if (read.ok) this.known = read.value;
    return read;
  }

  /** Asked once per opening, for a firmware's list does not change while it runs; null: it does not say. */
  async offeredModes(driver: ModemDriver): Promise<readonly DataMode[] | null> {
    if (this.offered !== undefined) return this.offered;
    const read = await reading(() => driver.readOfferedModes());
    this.offered = read.ok ? read.value : null;
    return this.offered;
  }

  /**
   * The data mode, read once per opening: another comes into force with a restart alone, which ends what is known, told or ordered. Null where the modem
   * does not tell. A modem that says nothing, before it ever said, is a failure at first: what is dialled depends on it.
   */
  async dataMode(driver: ModemDriver): Promise<Reading<DataMode | null>> {
    if (this.mode !== null) return { ok: true, value: this.mode };
    const read = await reading(() => driver.readDataMode());
    if (read.ok) this.mode = read.value;
    if (read.ok) return read;
    this.silences += 1;
    const isSilent = read.failure.code === 'at.timeout' || read.failure.code === 'at.port-closed';
    return isSilent && this.silences <= maxSilences ? read : { ok: true, value: null };
  }

  lastIdentity(): Identity | null {
    return this.known;
  }

  /** Somebody wants it all read anew. */
  forget(): void {
    this.known = null;
    this.mode = null;
  }

  /** Closes the ports; the next look opens them anew. */
  async release(): Promise<void> {
    const { driver } = this;
    this.cancelNotices();
    this.driver = null;
    this.known = null;
    this.mode = null;
    this.silences = 0;
    this.offered = undefined;
    if (!driver) return;
    try {
      await driver.close();
    } catch {
      // A port that is gone already cannot be closed; that was the aim.
    }
  }

  private adopt(driver: SwitchableModemDriver): void {
    this.driver = driver;
    this.cancelNotices = driver.onNotice((notice) => {
      if (notice.kind === 'restarted') this.forget();
      if (notice.kind === 'sim-changed') this.known = null;
      if (notice.kind === 'port-closed') void this.release();
      this.needs.listen(notice);
    });
  }
}
