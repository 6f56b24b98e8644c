import { faultCode, manualClock } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { characters } from '../characters/index.ts';
import { bench, connect } from '../testing/bench.ts';
import { simulatedSim } from './simulated-sim.ts';

describe('a simulated modem', () => {
  it('echoes a command as real ports do and answers after it', async () => {
    const { modem, clock } = bench('ec200a');
    const console = connect(modem, clock);
    expect(await console.say('ATI')).toBe('ATI\r\r\nQuectel\r\nEC200A\r\nRevision: EC200AEUHAR01A30M16\r\n\r\nOK\r\n');
    expect(await console.say('ATE0')).toBe('ATE0\r\r\nOK\r\n');
    expect(await console.say('AT')).toBe('\r\nOK\r\n');
  });

  it('is registered at once when it was running before, and after a search when it was just switched on', async () => {
    const running = bench('ec25');
    expect(running.modem.state.running.registration).toBe(1);
    expect(running.clock.nextDueMs()).toBeNull();
    const cold = bench('ec25', { start: 'cold' });
    expect(cold.modem.state.running.registration).toBe(2);
    await cold.clock.advance(3_000);
    expect(cold.modem.state.running.registration).toBe(1);
    expect(cold.clock.nextDueMs()).toBeNull();
  });

  it('tells of its registration with the answer that moved it, where its radio takes no time', async () => {
    const { modem, clock } = bench('ec25', { hasInstantRadio: true, timing: { minDelayMs: 0, maxDelayMs: 0, chunks: 'whole' } });
    const console = connect(modem, clock);
    await console.say('ATE0', 0);
    await console.say('AT+CEREG=1', 0);
    expect(await console.say('AT+CFUN=4', 0)).toBe('\r\nOK\r\n\r\n+CEREG: 0\r\n');
    expect(await console.say('AT+CFUN=1', 0)).toBe('\r\nOK\r\n\r\n+CEREG: 1\r\n');
  });

  it.each([0, 1])(
    'is registered after a search whose timer comes early, by a clock that goes on while it is read (%i readings on)',
    async (before) => {
      const clock = manualClock();
      let reads = before;
      const { modem } = bench('ec25', {
        start: 'cold',
        clock: {
          ...clock,
          monotonicMs: () => clock.monotonicMs() - (reads++ % 2 === 0 ? 0.5 : 0),
          schedule: (ms, run) => clock.schedule(ms, run),
        },
      });
      await clock.advance(4_000);
      expect(modem.state.running.registration).toBe(1);
    },
  );

  it('closes its ports on AT+CFUN=1,1 and brings them back with echo on and the new data mode', async () => {
    const { modem, clock } = bench('ec200a');
    const console = connect(modem, clock);
    const reasons: string[] = [];
    console.port.onClose((reason) => reasons.push(reason));
    await console.say('ATE0');
    await console.say('AT+QCFG="usbnet",3');
    expect(await console.say('AT+QCFG="usbnet"')).toContain('+QCFG: "usbnet",3');
    expect(modem.state.running.dataMode).toBe('ecm');
    expect(await console.say('AT+CFUN=1,1')).toBe('\r\nOK\r\n');
    expect(reasons).toEqual(['unplugged']);
    expect(modem.present).toBe(false);
    expect(() => modem.openPort('at')).toThrow('ENOENT');
    await clock.advance(15_000);
    expect(modem.present).toBe(true);
    expect(modem.state.running.dataMode).toBe('rndis');
    expect(await connect(modem, clock).say('AT')).toContain('AT\r\r\nOK');
  });

  it('refuses a second opener of the same port and frees it on close', async () => {
    const { modem, clock } = bench('bg96');
    const first = connect(modem, clock);
    expect(() => modem.openPort('at')).toThrow('EBUSY');
    await first.port.close();
    modem.openPort('at');
    expect(await first.port.write(new Uint8Array(1)).catch(faultCode)).toBe('port.closed');
  });

  it('greets after a boot and tells registration when asked to', async () => {
    const { modem, clock } = bench('ec25');
    const before = connect(modem, clock);
    modem.restart();
    await clock.advance(15_000);
    const after = connect(modem, clock);
    await after.say('ATE0', 100);
    await after.say('AT+CEREG=2', 100);
    await clock.advance(10_000);
    expect(before.heard()).toBe('');
    expect(after.heard()).toMatch(/\r\n\+CEREG: 1,"[0-9A-F]{4}","[0-9A-F]{7}",7\r\n/);
    expect(after.heard()).toContain('\r\n+QIND: SMS DONE\r\n');
  });

  it('takes a new card and registers with it', async () => {
    const { modem, clock, sim } = bench('ec25');
    modem.removeSim();
    const console = connect(modem, clock);
    expect(await console.ask('AT+CPIN?')).toEqual(['+CME ERROR: 10']);
    expect(modem.state.running.registration).toBe(0);
    modem.insertSim(sim);
    await clock.advance(5_000);
    expect(modem.state.running.registration).toBe(1);
  });

  it('uses the card of the other slot, searches anew with it, and keeps to it over a restart', async () => {
    const other = simulatedSim({ iccid: '8900101000000000089', imsi: '001010000000008' });
    const { clock, modem, sim } = bench('rm520n-gl', { secondSim: other });
    const console = connect(modem, clock);
    expect([modem.sim, await console.ask('AT+QUIMSLOT?')]).toEqual([sim, ['+QUIMSLOT: 1']]);
    // It answers before it is done, and the card gets its power last.
    await console.say('AT+QUIMSLOT=2', 200);
    expect(modem.sim).toBe(other);
    expect([await console.say('AT+QUIMSLOT?', 200), await console.say('AT+CIMI', 200)]).toMatchObject([
      expect.stringContaining('+QUIMSLOT: 1'),
      expect.stringContaining('+CME ERROR: 10'),
    ]);
    await clock.advance(500);
    expect([await console.ask('AT+QUIMSLOT?'), await console.say('AT+CIMI', 200)]).toMatchObject([
      ['+QUIMSLOT: 2'],
      expect.stringContaining('+CME ERROR: 10'),
    ]);
    await clock.advance(2_000);
    expect(await console.ask('AT+CIMI')).toEqual([other.imsi]);
    await clock.advance(10_000);
    expect(modem.state.running.registration).toBe(1);
    modem.restart();
    await clock.advance(60_000);
    expect([modem.sim, modem.state.running.registration]).toEqual([other, 1]);
  });

  it('uses no cell that its settings keep it from', async () => {
    const { clock, modem } = bench('ec25');
    const console = connect(modem, clock);
    await console.ask('AT+QCFG="band",0,80000,0,1');
    await clock.advance(30_000);
    expect([modem.state.running.registration, await console.ask('AT+QCFG="band"')]).toEqual([2, ['+QCFG: "band",0x93,0x80000,0x0']]);
    await console.ask('AT+QCFG="band",0,80004,0,1');
    await clock.advance(10_000);
    expect(modem.state.running.registration).toBe(1);
  });

  it('is gone for its openers when it is unplugged', async () => {
    const { modem, clock } = bench('mc7455');
    const console = connect(modem, clock);
    const reasons: string[] = [];
    console.port.onClose((reason) => reasons.push(reason));
    modem.unplug();
    modem.restart();
    await clock.advance(100_000);
    expect(reasons).toEqual(['unplugged']);
    expect(modem.present).toBe(false);
    modem.plugIn();
    await clock.advance(25_000);
    expect(modem.present).toBe(true);
  });

  it.each(characters.map(({ id, product }) => [id, product]))('%s identifies itself and registers', async (id, product) => {
    const { modem, clock, sim } = bench(id);
    const console = connect(modem, clock);
    expect(await console.ask('AT+CGMM')).toEqual([product]);
    expect(await console.ask('AT+CGSN')).toEqual([modem.imei]);
    expect(await console.ask('AT+CIMI')).toEqual([sim.imsi]);
    expect(await console.ask('AT+CPIN?')).toEqual(['+CPIN: READY']);
    expect((await console.ask('AT+COPS?'))[0]).toContain('"Polder Mobile"');
  });
});
