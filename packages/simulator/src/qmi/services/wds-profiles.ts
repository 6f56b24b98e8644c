import { type ContextAuth, type DefinedContext, type PdpType, withEntry, withStored } from '../../modem/modem-state.ts';
import { failure, type QmiCall, type QmiHandler, success } from '../qmi-call.ts';
import { qmiError } from '../qmi-error.ts';
import { type Tlvs, tlv } from '../tlv.ts';

/** Profiles are the stored contexts by another name. */
const profileLimit = 16;
const types: readonly (PdpType | null)[] = ['IP', null, 'IPV6', 'IPV4V6'];

/** Type (0: 3GPP) and index of the profile in a request. */
function profileIndex(input: Tlvs): number | null {
  const reader = input.reader(0x01);
  if (!reader) return null;
  const type = reader.u8();
  const index = reader.u8();
  return reader.whole && type === 0 && index >= 1 && index <= profileLimit ? index : null;
}

const list: QmiHandler = ({ modem }) =>
  success(
    tlv(0x01, (writer) => {
      const indexes = [...modem.state.stored.contexts.keys()].sort((a, b) => a - b);
      writer.u8(indexes.length);
      for (const index of indexes) writer.u8(0).u8(index).text8(`profile${index}`);
      return writer;
    }),
  );

const settings: QmiHandler = ({ modem, input }) => {
  const index = profileIndex(input);
  const context = index === null ? undefined : modem.state.stored.contexts.get(index);
  if (index === null || !context) return failure(qmiError.invalidProfile);
  const auth = modem.state.stored.auth.get(index);
  return success(
    tlv(0x10, (writer) => writer.text(`profile${index}`)),
    tlv(0x11, (writer) => writer.u8(types.indexOf(context.type))),
    tlv(0x14, (writer) => writer.text(context.accessPoint)),
    tlv(0x1b, (writer) => writer.text(auth?.username ?? '')),
    tlv(0x1c, (writer) => writer.text(auth?.password ?? '')),
    tlv(0x1d, (writer) => writer.u8(auth?.method ?? 0)),
  );
};

/** Writes what the request names over what is stored. @returns null when the PDP type is none */
function written(call: QmiCall, index: number): { readonly context: DefinedContext; readonly auth: ContextAuth } | null {
  const { input, modem } = call;
  const before = modem.state.stored.contexts.get(index) ?? { type: 'IP' as const, accessPoint: '' };
  const authBefore = modem.state.stored.auth.get(index) ?? { method: 0, username: '', password: '' };
  const number = input.u8(0x11);
  const type = number === null ? before.type : types[number];
  if (!type) return null;
  const method = input.u8(0x1d) ?? authBefore.method;
  return {
    context: { type, accessPoint: input.text(0x14) ?? before.accessPoint },
    auth: {
      method: Math.min(method, 2),
      username: input.text(0x1b) ?? authBefore.username,
      password: input.text(0x1c) ?? authBefore.password,
    },
  };
}

function store(call: QmiCall, index: number): boolean {
  const next = written(call, index);
  if (!next) return false;
  call.modem.apply((state) => ({
    state: withStored(state, {
      contexts: withEntry(state.stored.contexts, index, next.context),
      auth: withEntry(state.stored.auth, index, next.auth.method === 0 ? null : next.auth),
    }),
    effects: [],
  }));
  return true;
}

const modify: QmiHandler = (call) => {
  const index = profileIndex(call.input);
  if (index === null || !call.modem.state.stored.contexts.has(index)) return failure(qmiError.invalidProfile);
  return store(call, index) ? success() : failure(qmiError.invalidArgument);
};

const create: QmiHandler = (call) => {
  const { contexts } = call.modem.state.stored;
  const free = Array.from({ length: profileLimit }, (_none, place) => place + 1).find((index) => !contexts.has(index));
  if (free === undefined) return failure(qmiError.noFreeProfile);
  return store(call, free) ? success(tlv(0x01, (writer) => writer.u8(0).u8(free))) : failure(qmiError.invalidArgument);
};

const remove: QmiHandler = ({ input, modem }) => {
  const index = profileIndex(input);
  if (index === null || !modem.state.stored.contexts.has(index)) return failure(qmiError.invalidProfile);
  modem.apply((state) => ({
    state: withStored(state, { contexts: withEntry(state.stored.contexts, index, null), auth: withEntry(state.stored.auth, index, null) }),
    effects: [],
  }));
  return success();
};

/** The profile messages of WDS by id. */
export const profileMessages: readonly (readonly [id: number, handler: QmiHandler])[] = [
  [0x0027, create],
  [0x0028, modify],
  [0x0029, remove],
  [0x002a, list],
  [0x002b, settings],
  [0x0049, () => success(tlv(0x01, (writer) => writer.u8(1)))],
];
