import type { Cancel, Clock, Random } from '@towline/kit';
import type { AgentConfig, ModemConfig } from '../config/agent-config.ts';
import type { ModemLoop } from './modem-loop.ts';
import type { ModemPlaces } from './modem-places.ts';
import type { UsbBus } from './ports.ts';

interface LoopsNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly usb: UsbBus | null;
  readonly places: ModemPlaces;
  /** `slot`: the modem's number among those of the host. */
  readonly create: (config: ModemConfig, slot: number) => ModemLoop;
  /** A loop begins to run. */
  readonly started: (running: Promise<void>) => void;
}

/** The bus tells what comes and goes; this is for what it misses, such as a renamed network interface (docs/adr/0009-hot-plug.md). */
const rescanMs = 30_000;

/** One loop for each modem that is managed: those that the configuration names, or those that turn up. A loop outlives its modem's absence. */
export class ModemLoops {
  private readonly needs: LoopsNeeds;
  private readonly loops: ModemLoop[];
  private readonly discovers: boolean;
  private cancelWatch: Cancel = () => {};
  private cancelRescan: Cancel = () => {};
  private stopped = false;

  constructor(configured: AgentConfig['modems'], needs: LoopsNeeds) {
    this.needs = needs;
    this.discovers = configured === undefined;
    this.loops = (configured ?? needs.places.discovered()).map(needs.create);
  }

  all(): readonly ModemLoop[] {
    return this.loops;
  }

  start(): void {
    for (const loop of this.loops) this.needs.started(loop.run());
    if (!this.needs.usb) return;
    this.cancelWatch = this.needs.usb.onChange(() => this.changed());
    this.scheduleRescan();
  }

  stop(): void {
    this.stopped = true;
    this.cancelWatch();
    this.cancelRescan();
    for (const loop of this.loops) loop.stop();
  }

  private scheduleRescan(): void {
    const { clock, random } = this.needs;
    this.cancelRescan = clock.schedule(rescanMs * (0.8 + 0.4 * random.next()), () => {
      this.discover();
      this.scheduleRescan();
    });
  }

  private changed(): void {
    this.discover();
    for (const loop of this.loops) loop.placesChanged();
  }

  private discover(): void {
    if (!this.discovers || this.stopped) return;
    for (const config of this.needs.places.discovered()) {
      if (this.loops.some((loop) => loop.config.id === config.id)) continue;
      const loop = this.needs.create(config, this.loops.length);
      this.loops.push(loop);
      this.needs.started(loop.run());
    }
  }
}
