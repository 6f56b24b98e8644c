import type { DeviceEvent } from '@towline/protocol';
import type { TroubleCode } from './reactions.ts';

/** Every event that a device tells of, beside the troubles, with how much it matters. */
export const eventSeverities = {
  'agent.started': 'info',
  'change.adopted': 'info',
  'change.committed': 'info',
  'change.reverted': 'error',
  'change.inconclusive': 'warning',
  'change.superseded': 'info',
  'disk.failing': 'error',
  'bearer.up': 'info',
  'bearer.down': 'info',
  'mode.chosen': 'info',
  'modem.restarted': 'warning',
  'sim.changed': 'warning',
  'recovery.rung': 'info',
  'host.ipv6-off': 'info',
  'host.reboot-ordered': 'warning',
  'sms.order': 'warning',
  'sms.refused': 'warning',
  'reports.dropped': 'warning',
  'store.corrupt': 'warning',
  'store.write-failed': 'error',
  'target.digest-mismatch': 'error',
  'target.unreadable': 'error',
} as const satisfies Record<string, DeviceEvent['severity']>;

export type EventCode = keyof typeof eventSeverities | TroubleCode;
