import type { WebhookNote } from '../webhooks/webhook-queue.repository.ts';
import { webhookTypeOfEvent } from '../webhooks/webhook-types.ts';
import type { EventRow } from './batch-draft.ts';

/** What endpoints are told of events of devices. */
export function webhookNotesOf(events: readonly EventRow[]): WebhookNote[] {
  return events.flatMap(({ address: { tenant, device }, code, severity, modem, evidence, at }) => {
    const type = webhookTypeOfEvent({ code, severity });
    return type === null
      ? []
      : [
          {
            tenant,
            type,
            subject: device,
            data: { device, code, severity, modem, evidence: [...evidence], at: new Date(at).toISOString() },
          },
        ];
  });
}
