import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('nothing set means an embedded database and an embedded broker under the working directory', () => {
  const config = readConfig({}, '/srv');
  expect(config.dataDir).toBe('/srv/.towline/control-plane');
  expect(config.database.url).toBeNull();
  expect(config.mqtt).toMatchObject({ outsideUrl: null, publicUrl: 'mqtt://127.0.0.1:1883' });
});

test('a misspelt setting is refused by name, and other programs keep theirs', () => {
  expect(() => readConfig({ TOWLINE_HTP_PORT: '80', PATH: '/bin' }, '/')).toThrow('unknown setting TOWLINE_HTP_PORT');
});

test('a bad value names the setting and what it must be', () => {
  expect(() => readConfig({ TOWLINE_KEY: 'c2hvcnQ=' }, '/')).toThrow('TOWLINE_KEY: must be 32 bytes in base64');
  expect(() => readConfig({ DATABASE_URL: 'mysql://host/db' }, '/')).toThrow('DATABASE_URL: must be a URL such as postgresql://');
  expect(() => readConfig({ MQTT_URL: 'mqtt://us:100%@broker' }, '/')).toThrow('MQTT_URL: must have a percent sign written as %25');
  expect(() => readConfig({ MQTT_URL: 'mqtt://us:caf%E9@broker' }, '/')).toThrow('MQTT_URL: must have other characters escaped as UTF-8');
});

test('devices are not told the account of the control plane at an outside broker', () => {
  expect(readConfig({ MQTT_URL: 'mqtt://us:secret@broker:1883' }, '/').mqtt.publicUrl).toBe('mqtt://broker:1883');
});
