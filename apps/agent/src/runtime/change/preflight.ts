import type { Clock } from '@towline/kit';
import { obstacleTo } from '../../core/transaction/preflight.ts';
import type { Configuration, Refusal } from '../../core/transaction/transaction.ts';
import { endpointOf } from '../endpoint.ts';
import type { HostConditions } from '../ports.ts';

export interface PreflightNeeds {
  readonly clock: Clock;
  /** Null: nothing is known of the host. */
  readonly conditions: HostConditions | null;
  /** Of the broker; null until the device is enrolled. */
  readonly brokerUrl: () => string | null;
  /** The control plane has answered the device's own session, which stands. */
  readonly inTouch: () => boolean;
}

/** Why a change to this configuration must not begin here and now; null: nothing speaks against it. Ends within 5 s. */
export async function preflight(to: Configuration, needs: PreflightNeeds): Promise<Refusal | null> {
  const { clock, conditions, brokerUrl, inTouch } = needs;
  const url = brokerUrl();
  const endpoint = url === null ? null : endpointOf(url);
  const families = endpoint && conditions ? await conditions.familiesOf(endpoint.host) : null;
  const destination = endpoint && { host: endpoint.host, usesTls: url?.startsWith('mqtts:') === true, families };
  return obstacleTo(to, { conditions: conditions?.read() ?? null, destination, wallMs: clock.wallMs(), inTouch: inTouch() });
}
