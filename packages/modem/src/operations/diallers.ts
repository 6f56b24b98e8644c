import type { AtArgument } from '../at/at-argument.ts';
import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { parseQnetdevctl } from '../at/replies/bearer-replies.ts';
import { parseCallState, parseNdisState, parseQcrmcall } from '../at/replies/call-state-reply.ts';
import type { Reading } from '../failure.ts';
import type { DialDialect } from '../models/dialects.schema.ts';
import type { Question } from './modem-link.ts';

/** What is dialled, or hung up. */
export interface CallRequest {
  readonly contextId: number;
  readonly apn: string;
}

/** How one dialect starts and stops the network function of a modem. */
export interface Dialler {
  start(call: CallRequest): Reading<AtCommand>;
  stop(call: CallRequest): Reading<AtCommand>;
  /**
   * Asks whether the call is up. Null where only the context tells: on LTE the context that the modem attached with is
   * active without any call, so this is asked wherever it can be.
   */
  readonly state: ((contextId: number) => Question<boolean>) | null;
}

/** Dialects that go by AT commands over the AT port alone. */
export type NetworkDialDialect = Exclude<DialDialect, 'ppp-atd' | 'qmi' | 'mbim'>;

const on = number(1);
const off = number(0);

function number(value: number): AtArgument {
  return { kind: 'number', value, min: 0, max: 16 };
}

function question(command: string, name: string): (contextId: number) => Question<boolean> {
  return (contextId) => ({ command: atCommand(command), parse: (lines) => parseCallState(lines, name, contextId) });
}

/** Sources: the model files' evidence for their dial dialect. */
export const diallers: Readonly<Record<NetworkDialDialect, Dialler>> = {
  // Type 3 would be stored and dial at every boot, behind the back of whoever manages the modem.
  'qnetdevctl-type': {
    start: (call) => atSet('+QNETDEVCTL', on, number(call.contextId), on),
    stop: (call) => atSet('+QNETDEVCTL', off, number(call.contextId), on),
    state: () => ({ command: atCommand('AT+QNETDEVCTL?'), parse: parseQnetdevctl }),
  },
  'qnetdevctl-cid': {
    start: (call) => atSet('+QNETDEVCTL', on, number(call.contextId), on),
    stop: (call) => atSet('+QNETDEVCTL', off, number(call.contextId), on),
    state: () => ({ command: atCommand('AT+QNETDEVCTL?'), parse: parseQnetdevctl }),
  },
  'qnetdevctl-cid-first': {
    start: (call) => atSet('+QNETDEVCTL', number(call.contextId), on, on),
    stop: (call) => atSet('+QNETDEVCTL', number(call.contextId), off, on),
    state: null,
  },
  cgact: {
    start: (call) => atSet('+CGACT', on, number(call.contextId)),
    stop: (call) => atSet('+CGACT', off, number(call.contextId)),
    state: null,
  },
  scact: {
    start: (call) => atSet('!SCACT', on, number(call.contextId)),
    stop: (call) => atSet('!SCACT', off, number(call.contextId)),
    state: question('AT!SCACT?', '!SCACT'),
  },
  // The instance, not the context: one call at a time is dialled this way.
  qcrmcall: {
    start: () => atSet('$QCRMCALL', on, on),
    stop: () => atSet('$QCRMCALL', off, on),
    state: () => ({ command: atCommand('AT$QCRMCALL?'), parse: parseQcrmcall }),
  },
  'telit-ecm': {
    start: (call) => atSet('#ECM', number(call.contextId), off),
    stop: () => atSet('#ECMD', off),
    state: question('AT#ECM?', '#ECM'),
  },
  ndisdup: {
    start: (call) => atSet('^NDISDUP', number(call.contextId), on, { kind: 'apn', value: call.apn }),
    stop: (call) => atSet('^NDISDUP', number(call.contextId), off),
    state: () => ({ command: atCommand('AT^NDISSTATQRY?'), parse: parseNdisState }),
  },
};
