import type { Clock } from '@towline/kit';
import type { Page, Sample, SampleQuery, Series, SeriesQuery } from '@towline/protocol/http';
import type { Caller } from '../operators/authorise.ts';
import { notFound, refusal } from '../platform/refusal.ts';
import { type Bounded, bucketMs, spanOf } from './series-bounds.ts';
import type { DeviceKey, TelemetryRepository } from './telemetry.repository.ts';

function within<Value>(bounded: Bounded<Value>): Value {
  if (bounded.ok) return bounded.value;
  throw refusal('request.invalid', 'see errors for what to change', bounded.errors);
}

export class TelemetryService {
  readonly #telemetry: TelemetryRepository;
  readonly #clock: Clock;

  constructor(telemetry: TelemetryRepository, clock: Clock) {
    this.#telemetry = telemetry;
    this.#clock = clock;
  }

  async latest(caller: Caller, device: string): Promise<{ items: Sample[] }> {
    return { items: await this.#telemetry.latest(await this.#known(caller, device)) };
  }

  async range(caller: Caller, device: string, query: SampleQuery): Promise<Page<Sample>> {
    const span = within(spanOf(query, this.#clock.wallMs()));
    return this.#telemetry.range(await this.#known(caller, device), span, query);
  }

  async series(caller: Caller, device: string, query: SeriesQuery): Promise<Series> {
    const span = within(spanOf(query, this.#clock.wallMs()));
    const width = within(bucketMs(span, query));
    const { column, modem } = query;
    const points = await this.#telemetry.series(await this.#known(caller, device), span, { column, modem, bucketMs: width });
    return { column, from: new Date(span.fromMs).toISOString(), to: new Date(span.toMs).toISOString(), bucketS: width / 1000, points };
  }

  async #known(caller: Caller, deviceId: string): Promise<DeviceKey> {
    const key = { tenantId: caller.tenant, deviceId };
    if (!(await this.#telemetry.deviceExists(key))) throw notFound('device');
    return key;
  }
}
