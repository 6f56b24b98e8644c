import type { ModemControl } from '../modem/modem-control.ts';
import type { MbimSession } from './mbim-call.ts';
import { connectBuffer } from './services/connect.ts';
import { radioStateBuffer, readyState, subscriberReadyBuffer } from './services/device.ts';
import { packetServiceBuffer, packetServiceState, registerState, registerStateBuffer } from './services/network.ts';

/** What a host is told of by itself when it changes. */
export interface MbimReports {
  readonly ready: number;
  readonly radio: number;
  readonly register: number;
  readonly packetService: number;
  readonly sessions: ReadonlyMap<number, MbimSession>;
  readonly buffers: () => ReadonlyMap<number, Uint8Array>;
}

const cids = { ready: 2, radio: 3, register: 9, packetService: 10, connect: 12 } as const;

export function reportsOf(modem: ModemControl, sessions: ReadonlyMap<number, MbimSession>): MbimReports {
  return {
    ready: readyState(modem),
    radio: modem.state.running.functionality,
    register: registerState(modem),
    packetService: packetServiceState(modem),
    sessions: new Map(sessions),
    buffers: () =>
      new Map([
        [cids.ready, subscriberReadyBuffer(modem)],
        [cids.radio, radioStateBuffer(modem)],
        [cids.register, registerStateBuffer(modem)],
        [cids.packetService, packetServiceBuffer(modem)],
      ]),
  };
}

/** One indication of the basic service. */
export interface MbimReport {
  readonly cid: number;
  readonly buffer: Uint8Array;
}

/** @param cause of the last release, which a session that ended tells */
export function changedReports(before: MbimReports, now: MbimReports, cause: number): readonly MbimReport[] {
  const reports: MbimReport[] = [];
  for (const kind of ['ready', 'radio', 'register', 'packetService'] as const) {
    if (before[kind] === now[kind]) continue;
    const buffer = now.buffers().get(cids[kind]);
    if (buffer) reports.push({ cid: cids[kind], buffer });
  }
  for (const id of new Set([...before.sessions.keys(), ...now.sessions.keys()])) {
    const session = now.sessions.get(id);
    if (before.sessions.get(id) !== session) reports.push({ cid: cids.connect, buffer: connectBuffer(id, session, session ? 0 : cause) });
  }
  return reports;
}
