import { silentLog } from '@towline/kit';
import { createModemDriver, type DialRequest, modelById, type SwitchableModemDriver } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { simulatedSerialPorts } from '../modem/simulated-serial-ports.ts';
import { type Bench, bench } from '../testing/bench.ts';
import { simulatedMbimcli } from './simulated-mbimcli.ts';
import { simulatedQmicli } from './simulated-qmicli.ts';

type ToolMode = 'qmi' | 'mbim';

interface Table extends Bench {
  readonly driver: SwitchableModemDriver;
  /** Time goes on until it is done. */
  readonly done: <Value>(work: Promise<Value>) => Promise<Value>;
}

/** The project's own sessions, over tools that live in this process. */
async function table(mode: ToolMode): Promise<Table> {
  const on = bench('ec25', { dataMode: mode });
  const { modem, clock } = on;
  const tool = mode === 'qmi' ? simulatedQmicli(modem, clock) : simulatedMbimcli(modem, clock);
  const texts = new Map<string, string>();
  const done = async <Value>(work: Promise<Value>): Promise<Value> => {
    const over = new AbortController();
    const ended = work.finally(() => over.abort());
    while (!over.signal.aborted) await clock.advance(1_000);
    return ended;
  };
  const model = modelById('ec25');
  const opened = await done(
    createModemDriver({
      ports: simulatedSerialPorts(new Map([['/dev/ttyUSB2', { modem, role: 'at' }]])),
      clock,
      log: silentLog,
      atPath: '/dev/ttyUSB2',
      controlPath: '/dev/cdc-wdm0',
      netInterface: 'wwan0',
      ...(model ? { model } : {}),
      host: {
        directory: '/run/towline/1-1',
        processes: {
          run: (argv) => tool.run(argv),
          start: () => {
            throw new Error('nothing lives on here');
          },
        },
        files: {
          read: async (path) => texts.get(path) ?? null,
          write: async (path, text) => void texts.set(path, text),
          remove: async (path) => void texts.delete(path),
        },
      },
    }),
  );
  if (!opened.ok) throw new Error(opened.failure.code);
  return { ...on, driver: opened.value, done };
}

const request = (mode: ToolMode, over: Partial<DialRequest> = {}): DialRequest => ({
  contextId: 1,
  apn: 'fleet.dual',
  ipType: 'ipv4v6',
  auth: 'none',
  mode,
  ...over,
});

describe.each(['qmi', 'mbim'] as const)('the tool of %s in this process', (mode) => {
  it('brings a session up, tells what it was given, and ends it', async () => {
    const { driver, done, modem } = await table(mode);
    await done(driver.writeContext(request(mode)));
    expect(await done(driver.dial(request(mode)))).toEqual({ ok: true, value: undefined });
    const granted = modem.dataLink();
    expect(granted?.accessPoint).toBe('fleet.dual.mnc001.mcc001.gprs');
    const read = await done(driver.readBearer(1, mode));
    expect(read).toMatchObject({ ok: true, value: { active: true, addresses: granted?.addresses, settings: { mtu: 1500 } } });
    expect(read.ok && read.value.settings?.dns).toEqual(['192.0.2.53', '198.51.100.53', '2001:db8:53::1', '2001:db8:53::2']);
    await done(driver.hangUp({ contextId: 1, mode }));
    expect(await done(driver.readBearer(1, mode))).toMatchObject({ ok: true, value: { active: false } });
  });

  it('tells why the network refuses', async () => {
    const { driver, done } = await table(mode);
    const wrong = request(mode, { apn: 'fleet.other', ipType: 'ipv4' });
    await done(driver.writeContext(wrong));
    expect(await done(driver.dial(wrong))).toMatchObject({ ok: false, failure: { code: 'apn.not-subscribed', cause: 33 } });
  });

  it('finds a session again that stands, and none after a restart of the modem', async () => {
    const { driver, done, modem, clock } = await table(mode);
    await done(driver.writeContext(request(mode)));
    await done(driver.dial(request(mode)));
    expect(await done(driver.readBearer(1, mode))).toMatchObject({ value: { active: true } });
    modem.restart();
    expect((await done(driver.readBearer(1, mode))).ok).toBe(false);
    await clock.advance(60_000);
    expect(modem.dataLink()).toBeNull();
  });
});
