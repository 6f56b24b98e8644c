import type { Clock } from '@towline/kit';
import type { Argv, ProcessOutcome } from '@towline/modem';
import { ByteReader } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';
import { formatAddress } from '../ip/address.ts';
import { createMbimPeer } from '../mbim/create-mbim-peer.ts';
import { messageTypes } from '../mbim/mbim-message.ts';
import { mbimStatus } from '../mbim/mbim-status.ts';
import { MbimStruct } from '../mbim/mbim-struct.ts';
import { contextTypes, mbimServices, uuidBytes } from '../mbim/uuid.ts';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import { awaitAnswer, exited, noDevice, partOf, type SimulatedTool } from './tool-host.ts';

interface Reply {
  /** A number of `mbimStatus`; -1: the function is not open. */
  readonly status: number;
  readonly buffer: Uint8Array;
}

type Send = (transaction: number, message: Uint8Array) => Promise<Reply | null>;

const answerMs = 30_000;
const maxTransfer = 4_096;
const timedOut = exited(1, '', 'error: operation failed: Transaction timed out\n');

/** By the names of libmbim (mbim-errors.h). */
const statusNames = new Map<number, string>([
  ...Object.entries(mbimStatus).map(([name, number]) => [number, `${name.charAt(0).toUpperCase()}${name.slice(1)}`] as const),
  [mbimStatus.invalidUserNamePassword, 'InvalidUserNamePwd'],
]);

const session0 = () => new MbimStruct().u32(0).u32(0).u32(0).u32(0).uuid(contextTypes.none).u32(0).done();
const ipTypes: Readonly<Record<string, number>> = { ipv4: 1, ipv6: 2, ipv4v6: 3 };
const authNumbers: Readonly<Record<string, number>> = { pap: 1, chap: 2 };

function connectStruct(option: string): Uint8Array {
  const part = (key: string) => partOf(option, key) ?? '';
  const struct = new MbimStruct().u32(0).u32(1).text(part('access-string').replace('""', ''));
  struct.text(part('username')).text(part('password')).u32(0);
  return struct
    .u32(authNumbers[part('auth')] ?? 0)
    .u32(ipTypes[part('ip-type')] ?? 0)
    .uuid(contextTypes.internet)
    .done();
}

const disconnectStruct = () =>
  new MbimStruct().u32(0).u32(0).text('').text('').text('').u32(0).u32(0).u32(0).uuid(contextTypes.internet).done();

const readyStates: Readonly<Record<number, string>> = {
  0: 'not-initialized',
  1: 'initialized',
  2: 'sim-not-inserted',
  3: 'bad-sim',
  6: 'device-locked',
};
const registerStates: Readonly<Record<number, string>> = { 1: 'deregistered', 2: 'searching', 3: 'home', 4: 'roaming', 6: 'denied' };

function numbers(buffer: Uint8Array, count: number): readonly number[] {
  const reader = new ByteReader(buffer);
  return Array.from({ length: count }, () => reader.u32());
}

function connectionText(buffer: Uint8Array): string {
  const state = numbers(buffer, 2)[1];
  const cause = new ByteReader(buffer, 32).u32();
  const error = cause === 0 ? 'none' : `unknown (0x${cause.toString(16).padStart(8, '0')})`;
  return (
    "[/dev/cdc-wdm0] Connection status:\n\t      Session ID: '0'\n" +
    `\tActivation state: '${state === 1 ? 'activated' : 'deactivated'}'\n\t   Network error: '${error}'\n`
  );
}

function familyText(buffer: Uint8Array, family: 4 | 6): string {
  const at = (index: number) => numbers(buffer, 15)[index] ?? 0;
  const size = family === 4 ? 4 : 16;
  const base = family === 4 ? 0 : 1;
  if (at(3 + 2 * base) === 0) return '';
  const bytes = (offset: number) => formatAddress(buffer.slice(offset, offset + size));
  const element = at(4 + 2 * base);
  const [servers, serversAt] = [at(9 + 2 * base), at(10 + 2 * base)];
  const dns = Array.from({ length: servers }, (_none, index) => `    DNS [${index}]: '${bytes(serversAt + index * size)}'\n`).join('');
  return (
    `[/dev/cdc-wdm0] IPv${family} configuration available: 'address, gateway, dns, mtu'\n` +
    `     IP [0]: '${bytes(element + 4)}/${new ByteReader(buffer, element).u32()}'\n    Gateway: '${bytes(at(7 + base))}'\n${dns}` +
    `        MTU: '${at(13 + base)}'\n`
  );
}

interface Action {
  readonly cid: number;
  /** Null: a query. */
  readonly set: Uint8Array | null;
  readonly query?: Uint8Array;
  readonly print: (buffer: Uint8Array) => string;
}

function actionOf(option: string): Action | null {
  const ask = (cid: number, print: Action['print'], query?: Uint8Array): Action => ({ cid, set: null, print, ...(query ? { query } : {}) });
  if (option === '--query-subscriber-ready-status')
    return ask(
      2,
      (buffer) => `[/dev/cdc-wdm0] Subscriber ready status retrieved:\n\t      Ready state: '${readyStates[numbers(buffer, 1)[0] ?? 0]}'\n`,
    );
  if (option === '--query-registration-state')
    return ask(
      9,
      (buffer) => `[/dev/cdc-wdm0] Registration status:\n\t        Register state: '${registerStates[numbers(buffer, 2)[1] ?? 0]}'\n`,
    );
  const attached: Action['print'] = (buffer) =>
    `[/dev/cdc-wdm0] Packet service status:\n\t  Packet service state: '${numbers(buffer, 2)[1] === 2 ? 'attached' : 'detached'}'\n`;
  if (option === '--query-packet-service-state') return ask(10, attached);
  if (option === '--attach-packet-service') return { cid: 10, set: new MbimStruct().u32(0).done(), print: attached };
  if (option.startsWith('--connect='))
    return { cid: 12, set: connectStruct(option), print: () => '[/dev/cdc-wdm0] Successfully connected\n' };
  if (option.startsWith('--disconnect'))
    return { cid: 12, set: disconnectStruct(), print: () => '[/dev/cdc-wdm0] Successfully disconnected\n' };
  if (option.startsWith('--query-connection-state')) return ask(12, connectionText, session0());
  if (!option.startsWith('--query-ip-configuration')) return null;
  return ask(15, (buffer) => familyText(buffer, 4) + familyText(buffer, 6), new MbimStruct().u32(0).u32(0).u32(0).done());
}

function commandMessage(transaction: number, { cid, set, query }: Action): Uint8Array {
  const buffer = set ?? query ?? new Uint8Array();
  const payload = new ByteWriter()
    .bytes(uuidBytes(mbimServices.basicConnect))
    .u32(cid)
    .u32(set ? 1 : 0)
    .u32(buffer.length)
    .bytes(buffer)
    .done();
  return new ByteWriter()
    .u32(messageTypes.command)
    .u32(20 + payload.length)
    .u32(transaction)
    .u32(1)
    .u32(0)
    .bytes(payload)
    .done();
}

const plainMessage = (type: number, transaction: number, value: number | null) => {
  const writer = new ByteWriter()
    .u32(type)
    .u32(value === null ? 12 : 16)
    .u32(transaction);
  return (value === null ? writer : writer.u32(value)).done();
};

function outcomeOf(action: Action | null, reply: Reply | null): ProcessOutcome {
  if (!action || !reply) return timedOut;
  if (reply.status === -1) return exited(1, '', 'error: operation failed: NotOpened\n');
  if (reply.status === mbimStatus.none) return exited(0, action.print(reply.buffer));
  return exited(1, '', `error: operation failed: ${statusNames.get(reply.status) ?? 'Unknown'}\n`);
}

async function call(send: Send, argv: Argv): Promise<ProcessOutcome> {
  const given = argv.find((word) => word.startsWith('--no-open='));
  let transaction = given === undefined ? 0 : Number(given.split('=')[1]);
  const next = () => (transaction += 1);
  if (given === undefined) {
    const opening = next();
    if (!(await send(opening, plainMessage(messageTypes.open, opening, maxTransfer)))) return timedOut;
  }
  const action = actionOf(argv.at(-1) ?? '');
  const asking = next();
  const outcome = outcomeOf(action, action && (await send(asking, commandMessage(asking, action))));
  if (argv.includes('--no-close'))
    return { ...outcome, stdout: `${outcome.stdout}[/dev/cdc-wdm0] Session not closed:\n\t    TRID: '${transaction}'\n` };
  const closing = next();
  await send(closing, plainMessage(messageTypes.close, closing, null));
  return outcome;
}

function replyOf(bytes: Uint8Array): { readonly transaction: number; readonly reply: Reply } | null {
  const reader = new ByteReader(bytes);
  const type = reader.u32();
  reader.u32();
  const transaction = reader.u32();
  if (type === messageTypes.indicateStatus) return null;
  if (type === messageTypes.functionError) return { transaction, reply: { status: -1, buffer: new Uint8Array() } };
  if (type !== messageTypes.commandDone) return { transaction, reply: { status: reader.u32(), buffer: new Uint8Array() } };
  const body = new ByteReader(bytes, 20 + 20);
  const status = body.u32();
  return { transaction, reply: { status, buffer: Uint8Array.from(body.bytes(body.u32())) } };
}

/** mbimcli 1.28 in this process, as far as a data session asks. Texts: composed, as the tool prints them. */
export function simulatedMbimcli(modem: SimulatedModem, clock: Clock): SimulatedTool {
  const peer = createMbimPeer(modem);
  const send: Send = async (transaction, message) => {
    const answered = awaitAnswer<Reply>(clock, answerMs, (answer) =>
      peer.onMessage((bytes) => {
        const heard = replyOf(bytes);
        if (heard?.transaction === transaction) answer(heard.reply);
      }),
    );
    peer.receive(message);
    return answered;
  };
  return {
    run: async (argv) => (modem.present && modem.state.running.dataMode === 'mbim' ? call(send, argv) : noDevice('MbimDevice')),
    close: () => peer.close(),
  };
}
