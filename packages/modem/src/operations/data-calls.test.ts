import { readFileSync } from 'node:fs';
import { type ManualClock, manualClock, silentLog } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { captureSchema } from '../captures/capture.schema.ts';
import { createModemDriver } from '../create-modem-driver.ts';
import type { DataMode, DialRequest, ModemNotice } from '../driver.ts';
import { modelById } from '../models/models.ts';
import { fakeFiles, fakeTools } from '../testing/fake-host.ts';
import { fakeMbimcli } from '../testing/fake-mbimcli.ts';
import { fakeQmicli } from '../testing/fake-qmicli.ts';
import { scriptedModem } from '../testing/scripted-modem.ts';

const capture = captureSchema.parse(JSON.parse(readFileSync(new URL('../captures/ec200a-ecm.json', import.meta.url), 'utf8')));

async function settled<Value>(clock: ManualClock, promise: Promise<Value>): Promise<Value> {
  const state = { open: true };
  const watched = promise.finally(() => {
    state.open = false;
  });
  for (let turn = 0; state.open && turn < 20_000; turn += 1) await clock.advance(50);
  return watched;
}

/** A driver of a modem on USB, with the host's tools around it. */
async function gateway(id: string) {
  const clock = manualClock();
  const at = scriptedModem(clock, capture);
  const qmi = fakeQmicli();
  const mbim = fakeMbimcli();
  const tools = fakeTools((argv) => (argv[0] === 'qmicli' ? qmi.answer(argv) : mbim.answer(argv)));
  const files = fakeFiles({ '/sys/class/net/wwan0/qmi/raw_ip': 'N\n' });
  const model = modelById(id);
  if (!model) throw new Error(id);
  const made = await settled(
    clock,
    createModemDriver({
      ports: at,
      clock,
      log: silentLog,
      atPath: '/dev/ttyUSB2',
      pppPath: '/dev/ttyUSB3',
      controlPath: '/dev/cdc-wdm0',
      netInterface: 'wwan0',
      model,
      host: { processes: tools, files, directory: '/run/towline/1-1' },
    }),
  );
  if (!made.ok) throw new Error(made.failure.code);
  const driver = made.value;
  return { clock, at, qmi, mbim, tools, driver, run: <Value>(promise: Promise<Value>) => settled(clock, promise) };
}

const request = (mode: DataMode): DialRequest => ({ contextId: 1, mode, apn: 'fleet.north', ipType: 'ipv4', auth: 'none' });

describe('a modem on USB', () => {
  it.each([
    ['qmi', 'qmicli'],
    ['mbim', 'mbimcli'],
  ] as const)('is dialled in %s by %s, and read by it and by AT', async (mode, tool) => {
    const { driver, run, tools } = await gateway('ec25');
    expect(await run(driver.dial(request(mode)))).toEqual({ ok: true, value: undefined });
    expect(tools.ran.some((line) => line.startsWith(`${tool} `))).toBe(true);
    expect(await run(driver.readBearer(1, mode))).toMatchObject({
      value: {
        active: true,
        apn: 'fleet.north',
        settings: { addressing: 'static', interface: 'wwan0', addresses: [{ address: '10.64.9.2' }, ...(mode === 'mbim' ? [{}] : [])] },
      },
    });
    expect(await run(driver.hangUp({ contextId: 1, mode }))).toMatchObject({ ok: true });
    expect(await run(driver.readBearer(1, mode))).toMatchObject({ value: { active: false, settings: { addressing: 'none' } } });
  });

  it('is dialled in ECM by AT, and serves DHCP on its interface', async () => {
    const { driver, run, tools } = await gateway('ec200a');
    expect(await run(driver.dial(request('ecm')))).toMatchObject({ ok: true });
    expect(tools.ran).toEqual([]);
    expect(await run(driver.readBearer(1, 'ecm'))).toMatchObject({ value: { settings: { interface: 'wwan0', addresses: [] } } });
  });

  it('is dialled in PPP by pppd on its dial port, and tells when that ends', async () => {
    const { driver, run, tools, clock } = await gateway('bg96');
    const notices: ModemNotice[] = [];
    driver.onNotice((notice) => notices.push(notice));
    const dialling = driver.dial(request('ppp'));
    await clock.advance(100);
    const pppd = tools.started[0];
    pppd?.say('Using interface ppp0');
    pppd?.say('local  IP address 10.64.64.64');
    expect(await run(dialling)).toMatchObject({ ok: true });
    expect(await run(driver.readBearer(1, 'ppp'))).toMatchObject({
      value: { active: true, settings: { addressing: 'ppp', interface: 'ppp0' } },
    });
    pppd?.end({ kind: 'exited', code: 15 });
    expect(notices).toEqual([
      { kind: 'interface-made', interface: 'ppp0' },
      { kind: 'bearer-down', code: 'ppp.peer-dead', evidence: expect.stringContaining('pppd ended with 15') },
    ]);
    expect(await run(driver.readBearer(1, 'ppp'))).toMatchObject({ value: { active: false } });
  });

  it('explains by AT+CEER what a tool leaves open', async () => {
    const { driver, run, qmi, at } = await gateway('ec25');
    qmi.refuse = () => "QMI protocol error (14): 'CallFailed'\n";
    at.answer('AT+CEER', ['+CEER: Requested service option not subscribed', 'OK']);
    expect(await run(driver.dial(request('qmi')))).toMatchObject({ failure: { code: 'apn.not-subscribed', cause: 33 } });
  });

  it('keeps its QMI call when the agent lets go of it, and ends its pppd', async () => {
    const { driver, run, tools, qmi, clock } = await gateway('bg96');
    await run(driver.dial(request('qmi')));
    const dialling = driver.dial(request('ppp'));
    await clock.advance(100);
    tools.started[0]?.say('local  IP address 10.64.64.64');
    await run(dialling);
    await run(driver.close());
    expect(qmi.clients).toHaveLength(1);
    expect(tools.started[0]?.stoppedWith()).toBe(5_000);
  });
});
