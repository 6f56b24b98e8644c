import { type Cancel, type Clock, faultCode } from '@towline/kit';
import { type AtCommand, atCommand, atDial } from '../at/at-command.ts';
import { type AtSession, createAtSession } from '../at/at-session.ts';
import type { Reading } from '../failure.ts';
import { evidenceOf, failureOf } from '../failures/failure-of.ts';
import { createListeners } from '../listeners.ts';
import type { Model } from '../models/model.schema.ts';
import type { SerialPort, SerialPorts } from '../ports.ts';
import { done, failed } from './modem-link.ts';

/** A packet call on the modem's dial port: the port is held for as long as the call lasts. */
export interface PppCall {
  /** Opens the port and dials; on CONNECT the port carries PPP. Dialling a call that is up succeeds. */
  dial(contextId: number): Promise<Reading<void>>;
  /** Idempotent. */
  hangUp(): Promise<Reading<void>>;
  isUp(): boolean;
  /** The call ended though nobody hung up. */
  onDrop(listen: (evidence: string) => void): Cancel;
}

export interface PppCallParts {
  readonly ports: SerialPorts;
  readonly clock: Clock;
  readonly model: Model;
  /** Undefined where the modem shows no dial port besides its AT port. */
  readonly path: string | undefined;
}

async function openPort(ports: SerialPorts, path: string | undefined): Promise<Reading<SerialPort>> {
  if (path === undefined) return failed({ code: 'at.rejected', evidence: ['there is no dial port besides the AT port'] });
  try {
    return { ok: true, value: await ports.open(path) };
  } catch (error) {
    return failed({ code: 'at.port-closed', evidence: [`the dial port did not open: ${faultCode(error)}`] });
  }
}

/** Dials on an open port; a session in data mode, or the port is closed again. */
async function connect(session: AtSession, dial: AtCommand, model: Model): Promise<Reading<AtSession>> {
  // This port has an echo and an error format of its own.
  await session.run(atCommand('ATE0'), model.bounds.command * 1000);
  const outcome = await session.run(dial, model.bounds.dial * 1000);
  if (outcome.result.kind === 'connect') return { ok: true, value: session };
  // Letting go of the port also drops a call that comes up too late: DTR falls.
  await session.close();
  if (outcome.result.kind !== 'ok') return failed(failureOf(dial, outcome));
  return failed({ code: 'at.rejected', evidence: evidenceOf(dial, outcome) });
}

export function createPppCall({ ports, clock, model, path }: PppCallParts): PppCall {
  const drops = createListeners<string>();
  let held: AtSession | null = null;

  /** A call that nobody hung up is told to whoever listens, once. */
  function drop(session: AtSession, evidence: string): void {
    if (held !== session) return;
    held = null;
    session.close().catch(() => undefined);
    drops.tell(evidence);
  }

  function hold(session: AtSession): void {
    held = session;
    session.onClose((reason) => drop(session, reason));
    session.onLine((line) => {
      if (line === 'NO CARRIER') drop(session, line);
    });
  }

  return {
    async dial(contextId) {
      if (held) return done;
      const command = atDial(contextId);
      if (!command.ok) return command;
      const port = await openPort(ports, path);
      if (!port.ok) return port;
      const connected = await connect(createAtSession(port.value, clock), command.value, model);
      if (!connected.ok) return connected;
      hold(connected.value);
      return done;
    },
    async hangUp() {
      const session = held;
      held = null;
      if (!session) return done;
      const escaped = await session.escape(model.bounds.command * 1000);
      if (escaped.result.kind === 'ok') await session.run(atCommand('ATH'), model.bounds.hangUp * 1000);
      // Whether or not the modem listened: closing drops DTR, which ends the call too (V.250, &D2).
      await session.close();
      return done;
    },
    isUp: () => held !== null,
    onDrop: drops.add,
  };
}
