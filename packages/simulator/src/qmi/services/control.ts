import { endDataCall } from '../data-calls.ts';
import { failure, type QmiCall, type QmiHandler, type QmiService, success } from '../qmi-call.ts';
import { qmiError } from '../qmi-error.ts';
import { qmiServices } from '../service-ids.ts';
import { tlv } from '../tlv.ts';

/** Versions of the services (composed, like those of an MDM9x07). */
const versions: readonly (readonly [service: number, major: number, minor: number])[] = [
  [qmiServices.CTL, 1, 5],
  [qmiServices.WDS, 1, 67],
  [qmiServices.DMS, 1, 14],
  [qmiServices.NAS, 1, 25],
  [qmiServices.UIM, 1, 46],
  [qmiServices.WDA, 1, 16],
];

const versionInfo: QmiHandler = () =>
  success(
    tlv(0x01, (writer) => {
      writer.u8(versions.length);
      for (const [service, major, minor] of versions) writer.u8(service).u16(major).u16(minor);
      return writer;
    }),
  );

const allocate: QmiHandler = ({ input, session }) => {
  const service = input.u8(0x01);
  if (service === null) return failure(qmiError.missingArgument);
  if (!versions.some(([known]) => known === service)) return failure(qmiError.invalidServiceType);
  const client = session.clients.allocate(service);
  if (client === null) return failure(qmiError.clientIdsExhausted);
  return success(tlv(0x01, (writer) => writer.u8(service).u8(client)));
};

/** What a client held goes with it: a data call ends, which is why `--client-no-release-cid` exists. */
function forgetClient(call: QmiCall, service: number, client: number): void {
  const { session } = call;
  if (service === qmiServices.NAS) session.servingSystemListeners.delete(client);
  if (service !== qmiServices.WDS) return;
  session.families.delete(client);
  for (const [family, held] of session.calls) if (held.client === client) endDataCall(call, family);
}

const release: QmiHandler = (call) => {
  const reader = call.input.reader(0x01);
  if (!reader) return failure(qmiError.missingArgument);
  const service = reader.u8();
  const client = reader.u8();
  if (!reader.whole) return failure(qmiError.malformed);
  if (!call.session.clients.release(service, client)) return failure(qmiError.invalidClientId);
  forgetClient(call, service, client);
  return success(tlv(0x01, (writer) => writer.u8(service).u8(client)));
};

const sync: QmiHandler = (call) => {
  const { clients } = call.session;
  for (const service of Object.values(qmiServices)) {
    for (const client of clients.of(service)) {
      clients.release(service, client);
      forgetClient(call, service, client);
    }
  }
  return success();
};

/** The older way to choose how packets are framed; modems without 802.3 answer what they keep. */
const setDataFormat: QmiHandler = ({ input, session, modem }) => {
  if (input.u8(0x01) === null) return failure(qmiError.missingArgument);
  const wanted = input.u16(0x10) === 2 ? 'raw-ip' : 'ethernet';
  if (input.u16(0x10) !== null && modem.world.character.qmiLinkProtocols.includes(wanted)) session.linkProtocol = wanted;
  return success(tlv(0x10, (writer) => writer.u16(session.linkProtocol === 'raw-ip' ? 2 : 1)));
};

/** CTL: clients, versions, framing. */
export const controlService: QmiService = new Map<number, QmiHandler>([
  [0x0020, ({ input }) => success(tlv(0x01, (writer) => writer.u16(input.u8(0x01) ?? 0)))],
  [0x0021, versionInfo],
  [0x0022, allocate],
  [0x0023, release],
  [0x0026, setDataFormat],
  [0x0027, sync],
]);
