import type { BearerRequest, Reading, SwitchableModemDriver } from '@towline/modem';
import type { TargetRule } from '@towline/protocol';
import type { HostRung } from '../core/rung.ts';
import type { Step, StepKind } from '../core/step.ts';
import type { HostExecutors, HostStepKind } from './host-executors.ts';
import { type ModemHandle, reading } from './modem-handle.ts';
import type { PinJournal } from './pin-journal.ts';
import type { StepResult } from './step-result.ts';

/** What a step may touch. Secrets come from here, never from the step. */
export interface StepTools {
  readonly driver: SwitchableModemDriver;
  readonly handle: ModemHandle;
  readonly pins: PinJournal;
  readonly rule: TargetRule | null;
  /** The PIN that the target has for the SIM in the modem. */
  readonly pin: string | null;
  /** Null for a modem that gives the host no network. */
  readonly host: HostExecutors | null;
}

const done: StepResult = { ok: true };
const told = <Value>(read: Reading<Value>): StepResult => (read.ok ? done : read);
const refused = (reason: string): StepResult => ({ ok: false, failure: { code: 'value.refused', evidence: [reason] } });

type Executors = {
  readonly [Kind in Exclude<StepKind, HostStepKind | HostRung>]: (
    step: Extract<Step, { kind: Kind }>,
    tools: StepTools,
  ) => Promise<StepResult>;
};

function requestOf({ contextId, apn }: Extract<Step, { kind: 'write-context' | 'dial' }>, rule: TargetRule): BearerRequest {
  const { ipType, auth, username, password } = rule.profile;
  return { contextId, apn, ipType, auth, ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

/** How each step is done. */
const executors: Executors = {
  async 'reopen-port'(_step, { handle }) {
    await handle.release();
    return done;
  },
  'radio-on': async (_step, { driver }) => told(await driver.setRadio('on')),
  reattach: async (_step, { driver }) => told(await driver.reattach()),
  async 'cycle-radio'(_step, { driver }) {
    const off = await driver.setRadio('off');
    // Off may fail half-way; on is what must be reached either way.
    const on = await driver.setRadio('on');
    return on.ok ? told(off) : on;
  },
  async 'reset-modem'(_step, { driver, handle }) {
    const reset = await driver.reset();
    await handle.release();
    return told(reset);
  },
  'write-radio-access': async ({ access }, { driver }) => told(await driver.writeRadioAccess(access)),
  'write-sim-slot': async ({ slot }, { driver }) => told(await driver.writeSimSlot(slot)),
  'write-bands': async ({ bands }, { driver }) => told(await driver.writeBands(bands)),
  async 'write-data-mode'({ mode }, { driver, handle }) {
    const written = await driver.writeDataMode(mode);
    // Its ports go away under us, with the reset that follows or by themselves.
    if (written.ok && driver.model.dataModes.appliedBy === 'itself') await handle.release();
    return told(written);
  },
  async 'journal-pin'({ entry }, { pins }) {
    return (await pins.record(entry)) ? done : refused('the try could not be put on flash, so it is not made');
  },
  async 'enter-pin'({ iccid, pinHash }, { driver, pins, pin }) {
    const pending = pins.tries().find((entry) => entry.iccid === iccid && entry.pinHash === pinHash && entry.outcome === 'pending');
    if (pin === null || !pending) return refused('no journalled PIN for this SIM');
    const entered = await reading(() => driver.enterPin(pin));
    if (entered.ok) await pins.record({ ...pending, outcome: 'accepted' });
    else if (entered.failure.code === 'sim.pin-wrong') await pins.record({ ...pending, outcome: 'refused' });
    return told(entered);
  },
  async 'write-context'(step, { driver, rule }) {
    if (!rule) return refused('no rule holds for this SIM');
    return told(await driver.writeContext(requestOf(step, rule)));
  },
  'hang-up': async ({ contextId, mode }, { driver }) => told(await driver.hangUp({ contextId, mode })),
  async dial(step, { driver, rule }) {
    if (!rule) return refused('no rule holds for this SIM');
    return told(await driver.dial({ ...requestOf(step, rule), mode: step.mode }));
  },
};

const withoutHost = refused('the modem gives this host no network');

/** Does one step. */
export async function executeStep(step: Exclude<Step, { kind: HostRung }>, tools: StepTools): Promise<StepResult> {
  switch (step.kind) {
    case 'reopen-port':
      return executors['reopen-port'](step, tools);
    case 'radio-on':
      return executors['radio-on'](step, tools);
    case 'reattach':
      return executors.reattach(step, tools);
    case 'cycle-radio':
      return executors['cycle-radio'](step, tools);
    case 'reset-modem':
      return executors['reset-modem'](step, tools);
    case 'write-radio-access':
      return executors['write-radio-access'](step, tools);
    case 'write-sim-slot':
      return executors['write-sim-slot'](step, tools);
    case 'write-bands':
      return executors['write-bands'](step, tools);
    case 'write-data-mode':
      return executors['write-data-mode'](step, tools);
    case 'journal-pin':
      return executors['journal-pin'](step, tools);
    case 'enter-pin':
      return executors['enter-pin'](step, tools);
    case 'write-context':
      return executors['write-context'](step, tools);
    case 'hang-up':
      return executors['hang-up'](step, tools);
    case 'dial':
      return executors.dial(step, tools);
    case 'bind-drivers':
      return tools.host?.bind(step) ?? withoutHost;
    case 'restore-at-port':
      return tools.host?.restoreAtPort(step) ?? withoutHost;
    case 'lease-address':
      return tools.host?.lease(step) ?? withoutHost;
    case 'configure-host':
      return tools.host?.configure(step) ?? withoutHost;
    case 'probe-bearer':
      return tools.host?.probe(step) ?? withoutHost;
  }
}
