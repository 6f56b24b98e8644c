import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readUsbDevices } from '../adapters/linux/sysfs-usb.ts';
import type { Volatility } from '../core/transaction/preflight.ts';
import { foundModems } from '../core/usb/found-modem.ts';
import { bg96, type DeviceFixture, em7565Oem, mc7455Boot, usbTree } from '../testing/usb-trees.ts';
import { agentConfigSchema } from './agent-config.ts';
import { examineHost, examineState, examineUsb, loadConfig } from './load-config.ts';

const directory = mkdtempSync(join(tmpdir(), 'towline-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const good = { controlPlane: { url: 'https://fleet.example' }, claimToken: 'claim-token', modems: [{ id: 'm1', atPort: '/dev/ttyUSB2' }] };

function load(document: unknown, environment: Record<string, string> = {}) {
  const path = join(directory, 'agent.json');
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
  return loadConfig(path, environment);
}

function complaints(document: unknown, environment: Record<string, string> = {}): string[] {
  const reading = load(document, environment);
  return reading.ok ? [] : reading.complaints.map(({ path, problem }) => `${path} ${problem}`);
}

describe('the configuration', () => {
  it('fills in what is left out', () => {
    expect(load(good)).toMatchObject({
      ok: true,
      config: { stateDir: '/var/lib/towline', keepaliveS: 240, telemetry: { sampleS: 300, batch: 12 }, stateBeatS: 21_600 },
    });
  });

  it('fills in the rest of a telemetry section that names one of its values', () => {
    expect(load({ ...good, telemetry: { sampleS: 60 } })).toMatchObject({ ok: true, config: { telemetry: { sampleS: 60, batch: 12 } } });
  });

  it('takes from the environment what differs from device to device', () => {
    const reading = load(good, { TOWLINE_CONTROL_PLANE_URL: 'http://10.0.0.1', TOWLINE_NAME: 'north 1' });
    expect(reading).toMatchObject({ ok: true, config: { controlPlane: { url: 'http://10.0.0.1' }, name: 'north 1' } });
  });

  it('reads the claim token from its file, and does without it when the file has gone', () => {
    const claimTokenFile = join(directory, 'token');
    const { claimToken: _claimToken, ...rest } = good;
    expect(load({ ...rest, claimTokenFile })).toMatchObject({ ok: true });
    writeFileSync(claimTokenFile, 'claim-from-file\n');
    expect(load({ ...rest, claimTokenFile })).toMatchObject({ ok: true, config: { claimToken: 'claim-from-file' } });
  });

  it.each([
    ['an unknown key', { ...good, keepAlive: 60 }, /unknown keys: keepAlive/],
    ['a port that is no path', { ...good, modems: [{ id: 'm1', atPort: 'ttyUSB2' }] }, /^modems\[0\]\.atPort must be an absolute path/],
    ['a URL of another kind', { ...good, controlPlane: { url: 'ftp://x' } }, /^controlPlane\.url must be an http or https URL/],
    ['no modem', { ...good, modems: [] }, /^modems must name at least one modem/],
    ['a keepalive beyond the wire budget', { ...good, keepaliveS: 600 }, /^keepaliveS must be at most 240/],
    [
      'a model that nobody knows',
      { ...good, modems: [{ id: 'm1', atPort: '/dev/x', model: 'ec9999' }] },
      /^modems\[0\]\.model is no model/,
    ],
    ['what is not JSON', '{', /is not JSON/],
  ])('refuses %s and says where', (_name, document, expected) => {
    expect(complaints(document).join('\n')).toMatch(expected);
  });

  it('refuses a variable of ours that it does not know', () => {
    expect(complaints(good, { TOWLINE_STATEDIR: '/tmp' })).toEqual(['TOWLINE_STATEDIR is not a variable that the agent knows']);
  });

  it('says what of the host is not fit for it', () => {
    const reading = load({ ...good, stateDir: join(directory, 'agent.json', 'state'), modems: [{ id: 'm1', atPort: '/dev/not-there' }] });
    const paths = reading.ok ? examineHost(reading.config).map(({ path }) => path) : [];
    expect(paths).toEqual([expect.stringMatching(/^stateDir/), 'modems[0].atPort (/dev/not-there)']);
  });
});

describe('a check of the state directory', () => {
  const told = (acceptVolatileState: boolean, volatility: Volatility | null) => {
    const config = agentConfigSchema.parse({ controlPlane: { url: 'https://fleet.example' }, acceptVolatileState });
    return examineState(config, volatility).map(({ path, problem, remedy }) => `${path} ${problem}; ${remedy}`);
  };

  it('says where nobody can tell whether a loss of power takes it', () => {
    expect(told(false, { why: 'overlay at /', isSeen: false })).toEqual([
      expect.stringMatching(/may be lost with the power \(overlay at \/\)/),
    ]);
  });

  it('says that a loss of power takes it, unless a person has accepted that', () => {
    expect(told(false, { why: 'tmpfs at /run', isSeen: true })).toEqual([
      expect.stringMatching(/^stateDir .*lost with the power \(tmpfs at \/run\).*acceptVolatileState/),
    ]);
    expect([...told(true, { why: 'tmpfs at /run', isSeen: true }), ...told(false, null)]).toEqual([]);
  });
});

describe('a check of the modems on USB', () => {
  const config = (modems?: readonly object[]) => agentConfigSchema.parse({ controlPlane: { url: 'https://fleet.example' }, modems });
  const found = (...devices: DeviceFixture[]) => foundModems(readUsbDevices(usbTree(...devices)));
  const told = (...arguments_: Parameters<typeof examineUsb>) => examineUsb(...arguments_).map(({ path, problem }) => `${path} ${problem}`);

  it('finds nothing wrong with one that has its drivers', () => {
    expect(told(config(), found(bg96))).toEqual([]);
    expect(told(config([{ id: 'wan', usbPath: bg96.path }]), found(bg96))).toEqual([]);
  });

  it('says when there is none, or none where one was meant to be', () => {
    expect(told(config(), [])).toEqual(['modems no modem is on USB']);
    expect(told(config([{ id: 'wan', usbPath: '9-9' }]), found(bg96))).toEqual(['modems[0].usbPath (9-9) has no modem']);
    expect(told(config([{ id: 'wan', atPort: '/dev/at' }]), [])).toEqual([]);
  });

  it('names the drivers that one waits for, and one that waits for firmware', () => {
    expect(told(config(), found(em7565Oem))).toEqual([expect.stringMatching(/^USB 1-3 .*1199:90c3.* waits for qcserial, qmi_wwan$/)]);
    expect(told(config(), found(mc7455Boot))).toEqual([expect.stringMatching(/waits for firmware$/)]);
  });
});
