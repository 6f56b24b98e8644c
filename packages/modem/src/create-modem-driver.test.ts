import { readFileSync } from 'node:fs';
import { type ManualClock, manualClock, silentLog } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { captureSchema } from './captures/capture.schema.ts';
import { createModemDriver } from './create-modem-driver.ts';
import type { BearerRequest, ModemNotice, SwitchableModemDriver } from './driver.ts';
import type { Reading } from './failure.ts';
import { modelById } from './models/models.ts';
import { type ScriptedModem, scriptedModem } from './testing/scripted-modem.ts';

const ec200a = captureSchema.parse(JSON.parse(readFileSync(new URL('./captures/ec200a-ecm.json', import.meta.url), 'utf8')));
const secret: BearerRequest = { contextId: 1, apn: 'fleet.north', ipType: 'ipv4', auth: 'chap', username: 'gate', password: 'keep' };

/** Lets time pass until a promise has settled; a driver that hangs fails the test. */
async function settled<Value>(clock: ManualClock, promise: Promise<Value>): Promise<Value> {
  const state = { open: true };
  const watched = promise.finally(() => {
    state.open = false;
  });
  for (let turn = 0; state.open && turn < 20_000; turn += 1) await clock.advance(50);
  if (state.open) throw new Error('the operation did not end');
  return watched;
}

interface Bench {
  readonly clock: ManualClock;
  readonly modem: ScriptedModem;
  readonly driver: SwitchableModemDriver;
  readonly run: <Value>(promise: Promise<Reading<Value>>) => Promise<Reading<Value>>;
}

async function bench(): Promise<Bench> {
  const clock = manualClock();
  const modem = scriptedModem(clock, ec200a);
  const options = { ports: modem, clock, log: silentLog, atPath: '/dev/at', pppPath: '/dev/ppp' };
  const made = await settled(clock, createModemDriver(options));
  if (!made.ok) throw new Error(made.failure.code);
  return { clock, modem, driver: made.value, run: (promise) => settled(clock, promise) };
}

describe('a driver', () => {
  it('finds out which model answers, though ATI says only its name', async () => {
    const { driver, run } = await bench();
    expect(driver.model.id).toBe('ec200a');
    expect(await run(driver.identify())).toEqual({
      ok: true,
      value: { manufacturer: 'Quectel', product: 'EC200A', firmware: 'EC200AEUHAR01A30M16', imei: '490154203237518' },
    });
  });

  it('says that nobody answers, and lets go of the port', async () => {
    const clock = manualClock();
    const modem = scriptedModem(clock, ec200a);
    modem.answer('AT', []);
    const made = await settled(clock, createModemDriver({ ports: modem, clock, log: silentLog, atPath: '/dev/at' }));
    expect(made).toMatchObject({ ok: false, failure: { code: 'at.timeout' } });
  });

  it('says that a port does not open', async () => {
    const clock = manualClock();
    const modem = scriptedModem(clock, ec200a);
    modem.unplug();
    const made = await settled(clock, createModemDriver({ ports: modem, clock, log: silentLog, atPath: '/dev/at' }));
    expect(made).toMatchObject({ ok: false, failure: { code: 'at.port-closed' } });
  });

  it('reads SIM, registration, signal and temperature', async () => {
    const { driver, run } = await bench();
    expect(await run(driver.readSim())).toEqual({
      ok: true,
      value: { state: 'ready', iccid: '89001010000000000711', imsi: '001010000000007', homePlmn: '00101', pinTriesLeft: null },
    });
    expect(await run(driver.readRegistration())).toMatchObject({
      ok: true,
      value: { state: 'home', rat: 'lte', servingPlmn: '00101', area: '1A2B' },
    });
    expect(await run(driver.readSignal())).toMatchObject({ ok: true, value: { rsrpDbm: -92 } });
    expect(await run(driver.readTemperature())).toEqual({ ok: true, value: 38 });
  });

  it('asks for the operator as digits once, and again where somebody has changed that', async () => {
    const { modem, driver, run } = await bench();
    modem.answer('AT+COPS=3,0', ['OK']);
    const asked = () => modem.heard.filter((line) => line.startsWith('AT+COPS'));
    await run(driver.readRegistration());
    expect(asked()).toEqual(['AT+COPS?', 'AT+COPS=3,0', 'AT+COPS?', 'AT+COPS=3,2']);
    await run(driver.readRegistration());
    expect(asked().slice(4)).toEqual(['AT+COPS?']);
    modem.answer('AT+COPS?', ['+COPS: 0,0,"Polder Mobile",7', 'OK']);
    await run(driver.readRegistration());
    expect(asked().slice(5)).toEqual(['AT+COPS?', 'AT+COPS=3,2', 'AT+COPS?']);
  });

  it('takes a SIM that is missing or locked for a state, not for a failure', async () => {
    const { modem, driver, run } = await bench();
    modem.answer('AT+CPIN?', ['+CME ERROR: 10']);
    expect(await run(driver.readSim())).toMatchObject({ ok: true, value: { state: 'absent' } });
    modem.answer('AT+CPIN?', ['+CPIN: SIM PIN', 'OK']);
    expect(await run(driver.readSim())).toMatchObject({ ok: true, value: { state: 'pin-required', imsi: null, pinTriesLeft: 3 } });
  });

  it('sends a PIN once, and shows it nowhere', async () => {
    const { modem, driver, run } = await bench();
    modem.answer('AT+CPIN="4711"', ['+CME ERROR: 16']);
    const entered = await run(driver.enterPin('4711'));
    expect(entered).toEqual({ ok: false, failure: { code: 'sim.pin-wrong', evidence: ['> AT+CPIN="***"', '+CME ERROR: 16'] } });
    expect(modem.heard.filter((line) => line.includes('4711'))).toHaveLength(1);
  });

  it('writes a context only where it differs', async () => {
    const { modem, driver, run } = await bench();
    expect(await run(driver.writeContext(secret))).toEqual({ ok: true, value: { written: false } });
    expect(modem.heard.some((line) => /^AT\+(CGDCONT|QICSGP)=1,/.test(line))).toBe(false);
    expect(await run(driver.writeContext({ ...secret, apn: 'fleet.south' }))).toEqual({ ok: true, value: { written: true } });
    expect(modem.heard).toContain('AT+CGDCONT=1,"IP","fleet.south"');
    expect(modem.heard).toContain('AT+QICSGP=1,1,"fleet.south","gate","keep",2');
  });

  it('is not asked again by a write for what was read just before, by the next one it is', async () => {
    const { modem, clock, driver, run } = await bench();
    const asked = () => modem.heard.filter((line) => line === 'AT+CGDCONT?' || line === 'AT+QICSGP=1').length;
    const other = { ...secret, apn: 'fleet.south' };
    await run(driver.readContext(1));
    await run(driver.readAuth(1));
    expect(await run(driver.writeContext(other))).toEqual({ ok: true, value: { written: true } });
    expect(asked()).toBe(2);
    await run(driver.writeContext(other));
    expect(asked()).toBe(4);
    await run(driver.readContext(1));
    await clock.advance(5_000);
    await run(driver.writeContext(other));
    expect(asked()).toBe(7);
  });

  it('writes nothing at all when one value is refused', async () => {
    const { modem, driver, run } = await bench();
    const before = modem.heard.length;
    const written = await run(driver.writeContext({ ...secret, password: 'a"b' }));
    expect(written).toMatchObject({ ok: false, failure: { code: 'value.refused' } });
    expect(modem.heard).toHaveLength(before);
  });

  it('dials and reads what the network gave', async () => {
    const { modem, driver, run } = await bench();
    expect(await run(driver.dial({ contextId: 1, mode: 'ecm', apn: 'fleet.north', ipType: 'ipv4', auth: 'none' }))).toEqual({
      ok: true,
      value: undefined,
    });
    modem.answer('AT+QNETDEVCTL?', ['+QNETDEVCTL: 1,1,1,1', 'OK']);
    expect(await run(driver.readBearer(1, 'ecm'))).toEqual({
      ok: true,
      value: { active: true, apn: 'fleet.north', addresses: ['10.101.0.2'], dns: ['192.0.2.53', '198.51.100.53'], settings: null },
    });
  });

  it('asks for what it knows already neither of a bearer nor of a SIM that is ready', async () => {
    const { modem, driver, run } = await bench();
    await run(driver.readSim());
    expect(modem.heard).not.toContain('AT+QPINC="SC"');
    expect(await run(driver.readBearer(1, 'ecm'))).toMatchObject({ ok: true, value: { addresses: ['10.101.0.2'] } });
    expect(modem.heard).not.toContain('AT+CGPADDR=1');
    modem.answer('AT+CGCONTRDP=1', ['ERROR']);
    expect(await run(driver.readBearer(1, 'ecm'))).toMatchObject({ ok: true, value: { addresses: ['10.101.0.2'] } });
    expect(modem.heard).toContain('AT+CGPADDR=1');
  });

  it('does not dial again what is up already', async () => {
    const { modem, driver, run } = await bench();
    modem.answer('AT+QNETDEVCTL?', ['+QNETDEVCTL: 1,1,1,1', 'OK']);
    await run(driver.dial({ contextId: 1, mode: 'ecm', apn: 'fleet.north', ipType: 'ipv4', auth: 'none' }));
    expect(modem.heard).not.toContain('AT+QNETDEVCTL=1,1,1');
  });

  it('hangs up what is idle without complaint, though the modem answers ERROR', async () => {
    const { driver, run } = await bench();
    expect(await run(driver.hangUp({ contextId: 1, mode: 'ecm' }))).toEqual({ ok: true, value: undefined });
    expect(await run(driver.hangUp({ contextId: 1, mode: 'ppp' }))).toEqual({ ok: true, value: undefined });
  });

  it('asks for the cause when a dial brings no address', async () => {
    const { modem, driver, run } = await bench();
    modem.answer('AT+CGPADDR=1', ['+CGPADDR: 1,"0.0.0.0"', 'OK']);
    modem.answer('AT+CEER', ['+CEER: 5,27', 'OK']);
    const dialled = await run(driver.dial({ contextId: 1, mode: 'ecm', apn: 'fleet.north', ipType: 'ipv4', auth: 'none' }));
    expect(dialled).toMatchObject({ ok: false, failure: { code: 'apn.unknown', cause: 27 } });
  });

  it('puts an EC200U back to the factory settings when it answers CME 32, once', async () => {
    const clock = manualClock();
    const modem = scriptedModem(clock, ec200a);
    modem.answer('AT+QNETDEVCTL=1,1,1', ['+CME ERROR: 32']);
    modem.answer('AT&F', ['OK']);
    const model = modelById('ec200u');
    const options = { ports: modem, clock, log: silentLog, atPath: '/dev/at', ...(model ? { model } : {}) };
    const made = await settled(clock, createModemDriver(options));
    const call = made.ok
      ? await settled(clock, made.value.dial({ contextId: 1, mode: 'ecm', apn: '', ipType: 'ipv4', auth: 'none' }))
      : made;
    expect(call).toMatchObject({ ok: false, failure: { code: 'network.no-service' } });
    const tries = modem.heard.filter((line) => line === 'AT&F' || line === 'AT+QNETDEVCTL=1,1,1');
    expect(tries).toEqual(['AT+QNETDEVCTL=1,1,1', 'AT&F', 'AT+QNETDEVCTL=1,1,1']);
  });

  it('refuses a data mode that is not dialled by AT', async () => {
    const { driver, run } = await bench();
    const dialled = await run(driver.dial({ contextId: 1, mode: 'mbim', apn: '', ipType: 'ipv4', auth: 'none' }));
    expect(dialled).toMatchObject({ ok: false, failure: { code: 'at.rejected' } });
  });

  it('reads the data mode and the radio, and switches the radio', async () => {
    const { modem, driver, run } = await bench();
    expect(await run(driver.readDataMode())).toEqual({ ok: true, value: 'ecm' });
    expect(await run(driver.readRadio())).toEqual({ ok: true, value: 'on' });
    await run(driver.setRadio('off'));
    await run(driver.setRadio('on'));
    expect(modem.heard.slice(-2)).toEqual(['AT+CFUN=4', 'AT+CFUN=1']);
  });

  it('attaches anew, also where the network has put it out already', async () => {
    const { modem, driver, run } = await bench();
    modem.answer('AT+CGATT=0', ['+CME ERROR: 30']);
    modem.answer('AT+CGATT=1', ['OK']);
    expect(await run(driver.reattach())).toMatchObject({ ok: true });
    expect(modem.heard.slice(-2)).toEqual(['AT+CGATT=0', 'AT+CGATT=1']);
  });

  it('writes the data mode only when it is another one', async () => {
    const { modem, driver, run } = await bench();
    modem.answer('AT+QCFG="usbnet",3', ['OK']);
    expect(await run(driver.writeDataMode('ecm'))).toEqual({ ok: true, value: { written: false } });
    expect(await run(driver.writeDataMode('rndis'))).toEqual({ ok: true, value: { written: true } });
    expect(await run(driver.writeDataMode('mbim'))).toMatchObject({ ok: false, failure: { code: 'value.refused' } });
  });

  it('does not write a data mode that the firmware does not list', async () => {
    const { modem, driver, run } = await bench();
    expect(await run(driver.readOfferedModes())).toEqual({ ok: true, value: null });
    modem.answer('AT+QCFG=?', ['+QCFG: "usbnet",(1)', 'OK']);
    expect(await run(driver.readOfferedModes())).toEqual({ ok: true, value: ['ecm'] });
    expect(await run(driver.writeDataMode('rndis'))).toMatchObject({
      ok: false,
      failure: { code: 'mode.not-offered', evidence: ['this firmware offers ecm, not rndis'] },
    });
    expect(modem.heard).not.toContain('AT+QCFG="usbnet",3');
  });

  it('goes on after a reply that never came', async () => {
    const { modem, driver, run } = await bench();
    modem.answer('AT+QTEMP', []);
    modem.answer('AT+CMEE?', ['+CMEE: 1', 'OK']);
    expect(await run(driver.readTemperature())).toMatchObject({ ok: false, failure: { code: 'at.timeout' } });
    expect(await run(driver.readRadio())).toEqual({ ok: true, value: 'on' });
  });
});

describe('a PPP call', () => {
  async function dialled(): Promise<Bench & { readonly notices: ModemNotice[] }> {
    const table = await bench();
    const notices: ModemNotice[] = [];
    table.driver.onNotice((notice) => notices.push(notice));
    table.modem.answer('ATD*99***1#', ['CONNECT 150000000']);
    table.modem.answer('+++', ['OK']);
    table.modem.answer('ATH', ['OK']);
    await table.run(table.driver.dial({ contextId: 1, mode: 'ppp', apn: 'fleet.north', ipType: 'ipv4', auth: 'none' }));
    return { ...table, notices };
  }

  it('holds its port, and is left by an escape and ATH', async () => {
    const { modem, driver, run } = await dialled();
    expect(await run(driver.readBearer(1, 'ppp'))).toMatchObject({ ok: true, value: { active: true } });
    await run(driver.hangUp({ contextId: 1, mode: 'ppp' }));
    expect(modem.heard.slice(-2)).toEqual(['+++', 'ATH']);
    expect(await run(driver.readBearer(1, 'ppp'))).toMatchObject({ ok: true, value: { active: false } });
  });

  it('tells that the network ended it', async () => {
    const { modem, notices } = await dialled();
    modem.say('NO CARRIER');
    expect(notices.map((notice) => notice.kind)).toContain('bearer-down');
  });

  it('ends with the modem, and the driver says so', async () => {
    const { modem, driver, run, notices } = await dialled();
    modem.unplug();
    expect(notices.map((notice) => notice.kind).sort()).toEqual(['bearer-down', 'port-closed']);
    expect(await run(driver.readRadio())).toMatchObject({ ok: false, failure: { code: 'at.port-closed' } });
    await driver.close();
  });

  it('is not dialled on the AT port itself', async () => {
    const clock = manualClock();
    const modem = scriptedModem(clock, ec200a);
    const options = { ports: modem, clock, log: silentLog, atPath: '/dev/at', pppPath: '/dev/at' };
    const made = await settled(clock, createModemDriver(options));
    const call = made.ok
      ? await settled(clock, made.value.dial({ contextId: 1, mode: 'ppp', apn: '', ipType: 'ipv4', auth: 'none' }))
      : made;
    expect(call).toMatchObject({ ok: false, failure: { code: 'at.rejected' } });
  });

  it('fails with the cause that the modem reports', async () => {
    const { modem, driver, run } = await bench();
    modem.answer('ATD*99***1#', ['NO CARRIER']);
    modem.answer('AT+CEER', ['+CEER: Requested service option not subscribed', 'OK']);
    const failed = await run(driver.dial({ contextId: 1, mode: 'ppp', apn: 'fleet.north', ipType: 'ipv4', auth: 'none' }));
    expect(failed).toMatchObject({ ok: false, failure: { code: 'apn.not-subscribed', cause: 33 } });
  });
});
