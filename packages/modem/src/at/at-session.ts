import { bytesOf, type Cancel, type Clock, createExclusive } from '@towline/kit';
import { createListeners } from '../listeners.ts';
import type { SerialPort } from '../ports.ts';
import type { AtCommand } from './at-command.ts';
import {
  type AtOutcome,
  type AtRequest,
  commandMachine,
  initialMachine,
  type MachineEffect,
  type MachineEvent,
} from './command-machine.ts';

/** Commands over one open port, one at a time, in the order they were asked. */
export interface AtSession {
  /**
   * @param timeoutMs from writing the command to its final result; resynchronising after an earlier time-out comes on top.
   * @throws Fault `exclusive.full` when 32 commands wait already.
   */
  run(command: AtCommand, timeoutMs: number): Promise<AtOutcome>;
  /** Leaves data mode without hanging up: guard time, `+++`, OK. */
  escape(timeoutMs: number): Promise<AtOutcome>;
  /** Lines that came unasked. */
  onLine(listen: (line: string) => void): Cancel;
  onClose(listen: (reason: string) => void): Cancel;
  close(): Promise<void>;
}

const waitingCommands = 32;

/** Runs the command machine on a port: bytes and time in, bytes and outcomes out. */
export function createAtSession(port: SerialPort, clock: Clock): AtSession {
  const queue = createExclusive(waitingCommands);
  const unsolicited = createListeners<string>();
  let machine = initialMachine;
  let cancelTimer: Cancel = () => undefined;
  let settle: (outcome: AtOutcome) => void = () => undefined;

  function dispatch(event: MachineEvent): void {
    const [next, effects] = commandMachine(machine, event);
    machine = next;
    for (const effect of effects) perform(effect);
  }

  function perform(effect: MachineEffect): void {
    switch (effect.kind) {
      case 'write':
        // A port that is gone also tells so by onClose.
        port.write(bytesOf(effect.text)).catch(() => dispatch({ kind: 'closed' }));
        return;
      case 'set-timer':
        cancelTimer();
        cancelTimer = clock.schedule(effect.ms, () => dispatch({ kind: 'timer', timer: effect.timer }));
        return;
      case 'clear-timer':
        return cancelTimer();
      case 'complete':
        return settle(effect.outcome);
      case 'unsolicited':
        unsolicited.tell(effect.line);
    }
  }

  function request(asked: AtRequest): Promise<AtOutcome> {
    return queue.run(
      () =>
        new Promise((resolve) => {
          settle = resolve;
          dispatch({ kind: 'request', request: asked });
        }),
    );
  }

  const stopData = port.onData((bytes) => dispatch({ kind: 'bytes', bytes }));
  port.onClose(() => dispatch({ kind: 'closed' }));
  return {
    run: (command, timeoutMs) => request({ command, timeoutMs }),
    escape: (timeoutMs) => request({ command: 'escape', timeoutMs }),
    onLine: unsolicited.add,
    onClose: (listen) => port.onClose(listen),
    async close() {
      stopData();
      dispatch({ kind: 'closed' });
      await port.close();
    },
  };
}
