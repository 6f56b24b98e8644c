import { storedWish } from '../../modem/bearers.ts';
import type { ModemControl } from '../../modem/modem-control.ts';
import { type ContextAuth, type PdpType, withEntry, withStored } from '../../modem/modem-state.ts';
import { answer, type MbimHandler, refusal } from '../mbim-call.ts';
import { mbimStatus } from '../mbim-status.ts';
import { MbimStruct, MbimStructReader } from '../mbim-struct.ts';
import { contextTypes } from '../uuid.ts';

function contextsBuffer(modem: ModemControl): Uint8Array {
  const ids = [...modem.state.stored.contexts.keys()].sort((a, b) => a - b);
  const elements = ids.map((id) => {
    const { context, auth } = storedWish(modem.state, id);
    const struct = new MbimStruct().u32(id).uuid(contextTypes.internet).text(context.accessPoint);
    return struct.text(auth.username).text(auth.password).u32(0).u32(auth.method).done();
  });
  return new MbimStruct().list(elements).done();
}

interface ContextWrite {
  readonly id: number;
  readonly type: PdpType;
  readonly accessPoint: string;
  readonly auth: ContextAuth;
}

function store(modem: ModemControl, { id, type, accessPoint, auth }: ContextWrite): void {
  modem.apply((state) => ({
    state: withStored(state, {
      contexts: withEntry(state.stored.contexts, id, { type, accessPoint }),
      auth: withEntry(state.stored.auth, id, auth.method === 0 ? null : auth),
    }),
    effects: [],
  }));
}

/** PROVISIONED_CONTEXTS: the stored contexts by another name. */
export const provisionedContexts: MbimHandler = ({ modem, isSet, input }) => {
  if (!isSet) return answer(contextsBuffer(modem));
  const id = input.u32();
  input.bytes(16);
  const accessPoint = input.text();
  const username = input.text();
  const password = input.text();
  input.u32();
  const method = Math.min(input.u32(), 2);
  if (!input.whole || id < 1 || id > 16) return refusal(mbimStatus.invalidParameters);
  const type = modem.state.stored.contexts.get(id)?.type ?? 'IPV4V6';
  store(modem, { id, type, accessPoint, auth: { method, username, password } });
  return answer(contextsBuffer(modem));
};

const attachContext = 1;
const ipTypes: readonly PdpType[] = ['IPV4V6', 'IP', 'IPV6', 'IPV4V6', 'IPV4V6'];

function attachFields(modem: ModemControl, struct: MbimStruct): MbimStruct {
  const { context, auth } = storedWish(modem.state, attachContext);
  return struct.text(context.accessPoint).text(auth.username).text(auth.password).u32(0).u32(auth.method);
}

function ipTypeNumber(modem: ModemControl): number {
  return { IP: 1, IPV6: 2, IPV4V6: 3 }[storedWish(modem.state, attachContext).context.type];
}

/** The home, partner and foreign networks attach alike: one stored context for all three. */
function attachConfigurationBuffer(modem: ModemControl): Uint8Array {
  const elements = [0, 1, 2].map((roaming) => attachFields(modem, new MbimStruct().u32(ipTypeNumber(modem)).u32(roaming).u32(0)).done());
  return new MbimStruct().list(elements).done();
}

/** LTE_ATTACH_CONFIGURATION of Microsoft's extensions. */
export const attachConfiguration: MbimHandler = ({ modem, isSet, input }) => {
  if (!isSet) return answer(attachConfigurationBuffer(modem));
  input.u32();
  const count = input.u32();
  const first = new MbimStructReader(count > 0 ? input.element() : new Uint8Array());
  const type = ipTypes[first.u32()];
  first.bytes(8);
  const accessPoint = first.text();
  const username = first.text();
  const password = first.text();
  first.u32();
  const method = Math.min(first.u32(), 2);
  if (!first.whole || !type) return refusal(mbimStatus.invalidParameters);
  store(modem, { id: attachContext, type, accessPoint, auth: { method, username, password } });
  return answer(attachConfigurationBuffer(modem));
};

/** LTE_ATTACH_INFO: what the modem is attached with; state 1 is attached. */
export const attachInfo: MbimHandler = ({ modem }) => {
  const isAttached = modem.state.running.bearers.has(attachContext);
  const struct = new MbimStruct().u32(isAttached ? 1 : 0).u32(ipTypeNumber(modem));
  return answer(attachFields(modem, struct).done());
};
