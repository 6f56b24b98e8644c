import type { WebhookType } from '@towline/protocol/http';

/** Events of devices (by their code) that have a type of their own. */
const typeOfEvent: Readonly<Record<string, WebhookType>> = {
  'change.reverted': 'device.reverted',
  'change.inconclusive': 'device.inconclusive',
  'change.committed': 'device.committed',
  'device.clone-suspected': 'device.clone-suspected',
};

/** What endpoints are told of an event; null: nothing. */
export function webhookTypeOfEvent({ code, severity }: { readonly code: string; readonly severity: string }): WebhookType | null {
  return typeOfEvent[code] ?? (severity === 'error' ? 'device.trouble' : null);
}
