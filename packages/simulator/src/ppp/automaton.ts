/** States of RFC 1661 clause 4.2; `closed` stands for those without a lower layer too. */
export type AutomatonState = 'closed' | 'stopped' | 'closing' | 'stopping' | 'request-sent' | 'ack-received' | 'ack-sent' | 'opened';

/** Events of clause 4.3; a request is `good` when all its options are taken. */
export type AutomatonEvent =
  | 'open'
  | 'close'
  | 'timeout'
  | 'last-timeout'
  | 'good-request'
  | 'bad-request'
  | 'ack'
  | 'nak-or-reject'
  | 'terminate-request'
  | 'terminate-ack'
  | 'unknown-code'
  | 'rejected-for-good';

/** Actions of clause 4.4. */
export type AutomatonAction =
  | 'layer-up'
  | 'layer-down'
  | 'layer-finished'
  | 'count-requests'
  | 'count-terminations'
  | 'count-none'
  | 'send-request'
  | 'send-ack'
  | 'send-nak'
  | 'send-terminate-request'
  | 'send-terminate-ack'
  | 'send-code-reject';

interface Transition {
  readonly to: AutomatonState;
  readonly actions: readonly AutomatonAction[];
}

type Row = Readonly<Partial<Record<AutomatonEvent, Transition>>>;

function go(to: AutomatonState, ...actions: readonly AutomatonAction[]): Transition {
  return { to, actions };
}

const closeDown = go('closing', 'count-terminations', 'send-terminate-request');
const finish = go('stopped', 'layer-finished');

/** The table of RFC 1661 clause 4.1; an event that is missing changes nothing. */
const table: Readonly<Record<AutomatonState, Row>> = {
  closed: {
    open: go('request-sent', 'count-requests', 'send-request'),
    'good-request': go('closed', 'send-terminate-ack'),
    'bad-request': go('closed', 'send-terminate-ack'),
    ack: go('closed', 'send-terminate-ack'),
    'nak-or-reject': go('closed', 'send-terminate-ack'),
    'terminate-request': go('closed', 'send-terminate-ack'),
    'unknown-code': go('closed', 'send-code-reject'),
  },
  stopped: {
    close: go('closed'),
    'good-request': go('ack-sent', 'count-requests', 'send-request', 'send-ack'),
    'bad-request': go('request-sent', 'count-requests', 'send-request', 'send-nak'),
    ack: go('stopped', 'send-terminate-ack'),
    'nak-or-reject': go('stopped', 'send-terminate-ack'),
    'terminate-request': go('stopped', 'send-terminate-ack'),
    'unknown-code': go('stopped', 'send-code-reject'),
  },
  closing: {
    timeout: go('closing', 'send-terminate-request'),
    'last-timeout': go('closed', 'layer-finished'),
    'terminate-request': go('closing', 'send-terminate-ack'),
    'terminate-ack': go('closed', 'layer-finished'),
    'unknown-code': go('closing', 'send-code-reject'),
    'rejected-for-good': go('closed', 'layer-finished'),
  },
  stopping: {
    close: go('closing'),
    timeout: go('stopping', 'send-terminate-request'),
    'last-timeout': finish,
    'terminate-request': go('stopping', 'send-terminate-ack'),
    'terminate-ack': finish,
    'unknown-code': go('stopping', 'send-code-reject'),
    'rejected-for-good': finish,
  },
  'request-sent': {
    close: closeDown,
    timeout: go('request-sent', 'send-request'),
    'last-timeout': finish,
    'good-request': go('ack-sent', 'send-ack'),
    'bad-request': go('request-sent', 'send-nak'),
    ack: go('ack-received', 'count-requests'),
    'nak-or-reject': go('request-sent', 'count-requests', 'send-request'),
    'terminate-request': go('request-sent', 'send-terminate-ack'),
    'unknown-code': go('request-sent', 'send-code-reject'),
    'rejected-for-good': finish,
  },
  'ack-received': {
    close: closeDown,
    timeout: go('request-sent', 'send-request'),
    'last-timeout': finish,
    'good-request': go('opened', 'send-ack', 'layer-up'),
    'bad-request': go('ack-received', 'send-nak'),
    ack: go('request-sent', 'send-request'),
    'nak-or-reject': go('request-sent', 'send-request'),
    'terminate-request': go('request-sent', 'send-terminate-ack'),
    'terminate-ack': go('request-sent'),
    'unknown-code': go('ack-received', 'send-code-reject'),
    'rejected-for-good': finish,
  },
  'ack-sent': {
    close: closeDown,
    timeout: go('ack-sent', 'send-request'),
    'last-timeout': finish,
    'good-request': go('ack-sent', 'send-ack'),
    'bad-request': go('request-sent', 'send-nak'),
    ack: go('opened', 'count-requests', 'layer-up'),
    'nak-or-reject': go('ack-sent', 'count-requests', 'send-request'),
    'terminate-request': go('request-sent', 'send-terminate-ack'),
    'unknown-code': go('ack-sent', 'send-code-reject'),
    'rejected-for-good': finish,
  },
  opened: {
    close: go('closing', 'layer-down', 'count-terminations', 'send-terminate-request'),
    'good-request': go('ack-sent', 'layer-down', 'send-request', 'send-ack'),
    'bad-request': go('request-sent', 'layer-down', 'send-request', 'send-nak'),
    ack: go('request-sent', 'layer-down', 'send-request'),
    'nak-or-reject': go('request-sent', 'layer-down', 'send-request'),
    'terminate-request': go('stopping', 'layer-down', 'count-none', 'send-terminate-ack'),
    'terminate-ack': go('request-sent', 'layer-down', 'send-request'),
    'unknown-code': go('opened', 'send-code-reject'),
    'rejected-for-good': go('stopping', 'layer-down', 'count-terminations', 'send-terminate-request'),
  },
};

/** The negotiation automaton of RFC 1661, the same for LCP, IPCP and IPV6CP. */
export function nextTransition(state: AutomatonState, event: AutomatonEvent): Transition {
  return table[state][event] ?? { to: state, actions: [] };
}

/** Whether the restart timer runs in a state (clause 4.1). */
export function isTimed(state: AutomatonState): boolean {
  return state !== 'closed' && state !== 'stopped' && state !== 'opened';
}
