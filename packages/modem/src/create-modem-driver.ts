import { type Cancel, type Clock, faultCode, type Log } from '@towline/kit';
import { type AtSession, createAtSession } from './at/at-session.ts';
import type { DataMode, ModemNotice, SwitchableModemDriver } from './driver.ts';
import type { Reading } from './failure.ts';
import { createMbimSession } from './mbim/mbim-session.ts';
import type { Model } from './models/model.schema.ts';
import { genericModel } from './models/models.ts';
import { noticeOf } from './notices.ts';
import { readBands, writeBands } from './operations/bands.ts';
import { type DataCalls, dialBearer, hangUpBearer, readWholeBearer } from './operations/data-calls.ts';
import { readDataMode, readOfferedModes, writeDataMode } from './operations/data-mode.ts';
import { openDialogue, recogniseModel, subscribeToRegistration } from './operations/initialise.ts';
import { readSignal, readTemperature } from './operations/measurements.ts';
import { createModemLink, failed, type ModemLogEvent } from './operations/modem-link.ts';
import { readRadio, reattach, resetModem, setRadio } from './operations/power.ts';
import { createPppCall } from './operations/ppp-call.ts';
import { createQuestions } from './operations/questions.ts';
import { readRadioAccess, writeRadioAccess } from './operations/radio-access.ts';
import { readIdentity } from './operations/read-identity.ts';
import { createRegistrationReader } from './operations/registration.ts';
import { createShortMessages } from './operations/short-messages.ts';
import { createSimReader, enterPin } from './operations/sim.ts';
import { readSimSlot, writeSimSlot } from './operations/sim-slot.ts';
import { createContexts } from './operations/write-context.ts';
import type { HostFiles, ProcessRunner, SerialPorts } from './ports.ts';
import { createPppdSession, type PppdSession } from './ppp/pppd-session.ts';
import { createQmiSession } from './qmi/qmi-session.ts';
import type { DataSession } from './sessions/data-session.ts';

export interface ModemDriverOptions {
  readonly ports: SerialPorts;
  readonly clock: Clock;
  readonly log: Log<ModemLogEvent>;
  /** Tty of the AT interface, found by USB interface number. */
  readonly atPath: string;
  /** Tty of the dial interface; without one besides the AT port `ppp` cannot be dialled. */
  readonly pppPath?: string;
  /** Left out: the modem is asked who it is. */
  readonly model?: Model;
  /** `/dev/cdc-wdmN` of the network function; QMI and MBIM go by it. */
  readonly controlPath?: string;
  /** Name of the network function's interface, at this moment. */
  readonly netInterface?: string;
  /** The host's tools. Left out (a modem on a PTY, without a kernel driver): the modem is dialled by AT only. */
  readonly host?: HostTools;
}

/** What sessions by qmicli, mbimcli and pppd need of the host. */
export interface HostTools {
  readonly processes: ProcessRunner;
  readonly files: HostFiles;
  /** Folder in RAM that is this modem's own, `/run/towline/<usb path>`: what is found again after a restart of the agent. */
  readonly directory: string;
}

/**
 * Opens a modem's AT port, makes sure that a modem answers on it, and finds its model.
 * Expected failures: `at.port-closed` (the port did not open or went away), `at.timeout` (nobody answers: a wrong port, or a
 * modem that still boots). The port is closed again then.
 */
export async function createModemDriver(options: ModemDriverOptions): Promise<Reading<SwitchableModemDriver>> {
  const { ports, clock, log, atPath } = options;
  const session = await openSession(ports, clock, atPath);
  if (!session.ok) return session;
  const model = await startDialogue(options, session.value);
  if (!model.ok) {
    await session.value.close();
    return model;
  }
  const link = createModemLink({ session: session.value, model: model.value, clock, log });
  await subscribeToRegistration(link);
  // A call on the only AT port would leave nobody to ask how it goes, and two readers of one tty steal each other's bytes.
  const path = options.pppPath === atPath ? undefined : options.pppPath;
  const ppp = createPppCall({ ports, clock, model: model.value, path });
  const sessions = { ...controlPortSessions(options, model.value), ...pppdSession(options, model.value, path) };
  return { ok: true, value: assemble({ link, ppp, sessions, netInterface: options.netInterface ?? null }, session.value) };
}

/** Data sessions by tools of the host. */
interface Sessions extends Partial<Record<DataMode, DataSession>> {
  readonly ppp?: PppdSession;
}

function controlPortSessions({ host, controlPath, netInterface }: ModemDriverOptions, model: Model): Sessions {
  if (!host || controlPath === undefined || netInterface === undefined) return {};
  const parts = { ...host, model, controlPath, netInterface };
  return { qmi: createQmiSession(parts), mbim: createMbimSession(parts) };
}

function pppdSession({ host, clock }: ModemDriverOptions, model: Model, pppPath: string | undefined): Sessions {
  return host && pppPath !== undefined ? { ppp: createPppdSession({ ...host, clock, model, pppPath }) } : {};
}

async function openSession(ports: SerialPorts, clock: Clock, path: string): Promise<Reading<AtSession>> {
  try {
    return { ok: true, value: createAtSession(await ports.open(path), clock) };
  } catch (error) {
    return failed({ code: 'at.port-closed', evidence: [`${path} did not open: ${faultCode(error)}`] });
  }
}

async function startDialogue(options: ModemDriverOptions, session: AtSession): Promise<Reading<Model>> {
  const { clock, log, model } = options;
  const link = createModemLink({ session, model: model ?? genericModel, clock, log });
  const opened = await openDialogue(link);
  if (!opened.ok) return opened;
  return model ? { ok: true, value: model } : recogniseModel(link);
}

type Calls = DataCalls & { readonly sessions: Sessions };

function assemble(calls: Calls, session: AtSession): SwitchableModemDriver {
  const { link, ppp, sessions } = calls;
  return {
    model: link.model,
    identify: () => readIdentity(link),
    readSimSlot: () => readSimSlot(link),
    writeSimSlot: (slot) => writeSimSlot(link, slot),
    readSim: createSimReader(link),
    enterPin: (pin) => enterPin(link, pin),
    readRegistration: createRegistrationReader(link),
    readSignal: () => readSignal(link),
    readTemperature: () => readTemperature(link),
    readRadio: () => readRadio(link),
    setRadio: (state) => setRadio(link, state),
    reattach: () => reattach(link),
    ...createContexts(link),
    readRadioAccess: () => readRadioAccess(link),
    writeRadioAccess: (access) => writeRadioAccess(link, access),
    readBands: () => readBands(link),
    writeBands: (bands) => writeBands(link, bands),
    readDataMode: () => readDataMode(link),
    readOfferedModes: () => readOfferedModes(link),
    writeDataMode: (mode) => writeDataMode(link, mode),
    dial: (request) => dialBearer(calls, request),
    hangUp: (request) => hangUpBearer(calls, request),
    readBearer: (contextId, mode) => readWholeBearer(calls, { contextId, mode }),
    reset: () => resetModem(link),
    shortMessages: createShortMessages(link),
    questions: createQuestions(link),
    onNotice: (listen) => listenForNotices(session, calls, listen),
    async close() {
      await ppp.hangUp();
      for (const data of Object.values(sessions)) await data.close();
      await session.close();
    },
  };
}

function listenForNotices(session: AtSession, { ppp, sessions }: Calls, listen: (notice: ModemNotice) => void): Cancel {
  const cancels = [
    session.onLine((line) => {
      const notice = noticeOf(line);
      if (notice) listen(notice);
    }),
    session.onClose((evidence) => listen({ kind: 'port-closed', evidence })),
    ppp.onDrop((evidence) => listen({ kind: 'bearer-down', evidence })),
    sessions.ppp?.onInterface((name) => listen({ kind: 'interface-made', interface: name })) ?? (() => {}),
    sessions.ppp?.onDrop(({ code, evidence }) => listen({ kind: 'bearer-down', code, evidence: evidence.join(' | ') })) ?? (() => {}),
  ];
  return () => {
    for (const cancel of cancels) cancel();
  };
}
