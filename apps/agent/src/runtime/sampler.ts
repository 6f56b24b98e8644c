import type { Cancel, Clock, Random } from '@towline/kit';
import { type Sample, type TelemetryBatch, telemetryReport, withSample } from '../core/telemetry-batch.ts';
import { deviceTime } from './device-time.ts';
import { reading } from './modem-handle.ts';
import type { ModemLoop } from './modem-loop.ts';
import type { Reporter } from './reporter.ts';

interface SamplerNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly reporter: Reporter;
  readonly loops: () => readonly ModemLoop[];
}

/** Reads signal and temperature every so often and sends them by the batch. */
export class Sampler {
  private readonly needs: SamplerNeeds;
  private readonly telemetry: { readonly sampleS: number; readonly batch: number };
  private readonly batches = new Map<string, TelemetryBatch>();
  private cancel: Cancel = () => {};
  private stopped = false;

  constructor(needs: SamplerNeeds, telemetry: { readonly sampleS: number; readonly batch: number }) {
    this.needs = needs;
    this.telemetry = telemetry;
  }

  start(): void {
    // The first sample falls anywhere in its interval, so that a fleet that was switched on together does not report together.
    this.schedule(this.telemetry.sampleS * 1_000 * this.needs.random.next());
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
  }

  /** Sends what there is: something happened that the samples may explain. */
  flush(modem: string): void {
    this.send(this.batchOf(modem));
  }

  private schedule(delayMs: number): void {
    if (!this.stopped) this.cancel = this.needs.clock.schedule(delayMs, () => void this.sampleAll());
  }

  private async sampleAll(): Promise<void> {
    this.schedule(this.telemetry.sampleS * 1_000);
    for (const loop of this.needs.loops()) {
      const sample = await this.sample(loop);
      if (sample && !this.stopped) this.add(loop.config.id, sample);
    }
  }

  private batchOf(modem: string): TelemetryBatch {
    return this.batches.get(modem) ?? { modem, samples: [] };
  }

  private add(modem: string, sample: Sample): void {
    const next = withSample(this.batchOf(modem), sample, this.telemetry.batch);
    if (next.full) this.send(next.batch);
    else this.batches.set(modem, next.batch);
  }

  private send(batch: TelemetryBatch): void {
    const report = telemetryReport(batch);
    if (report) this.needs.reporter.offer(report);
    this.batches.delete(batch.modem);
  }

  /** Null while there is no modem to ask. */
  private async sample(loop: ModemLoop): Promise<Sample | null> {
    const driver = loop.openHandle.current();
    if (!driver) return null;
    const signal = await reading(() => driver.readSignal());
    const temperature = await reading(() => driver.readTemperature());
    const traffic = await loop.traffic();
    if (!signal.ok && !temperature.ok && !traffic) return null;
    const at = deviceTime(this.needs.clock);
    return { at, ...(signal.ok ? signal.value : {}), temperatureC: temperature.ok ? temperature.value : null, ...traffic };
  }
}
