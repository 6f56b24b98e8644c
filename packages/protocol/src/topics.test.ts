import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channels } from './channels.ts';
import { downTopic, parseDownTopic, parseUpTopic, upTopic } from './topics.ts';

const address = { tenant: 'main', device: '7k2m9q4x1z' };

describe('topics', () => {
  it('parses back every up topic it builds', () => {
    for (const channel of Object.keys(channels.up)) {
      const handle = channel === 'announce' ? '7k2m9q4x1z~change' : '7k2m9q4x1z';
      expect(parseUpTopic(`towline/v1/main/${handle}/up/${channel}`)).toEqual({ ...address, channel });
    }
    expect(upTopic(address, 'state')).toBe('towline/v1/main/7k2m9q4x1z/up/state');
  });

  it('knows a down topic only at the device it is addressed to', () => {
    expect(parseDownTopic(downTopic(address, 'job'), address)).toBe('job');
    expect(parseDownTopic(downTopic(address, 'job'), { ...address, device: '0000000000' })).toBeNull();
    expect(parseDownTopic('towline/v1/main/7k2m9q4x1z/down/other', address)).toBeNull();
    expect(parseDownTopic('towline/v1/main/7k2m9q4x1z~change/down/confirm', address)).toBe('confirm');
    expect(parseDownTopic('towline/v1/main/7k2m9q4x1z/down/confirm', address)).toBeNull();
  });

  it.each([
    ['a foreign root', 'other/v1/main/7k2m9q4x1z/up/state'],
    ['another version', 'towline/v2/main/7k2m9q4x1z/up/state'],
    ['the down direction', 'towline/v1/main/7k2m9q4x1z/down/job'],
    ['an unknown channel', 'towline/v1/main/7k2m9q4x1z/up/nothing'],
    ['a name from the prototype', 'towline/v1/main/7k2m9q4x1z/up/constructor'],
    ['a level too many', 'towline/v1/main/7k2m9q4x1z/up/state/x'],
    ['an announce beside the session of changes', 'towline/v1/main/7k2m9q4x1z/up/announce'],
    ['anything else on the session of changes', 'towline/v1/main/7k2m9q4x1z~change/up/state'],
    ['another session of the device', 'towline/v1/main/7k2m9q4x1z~other/up/announce'],
    ['a wildcard', 'towline/v1/main/+/up/state'],
  ])('refuses %s', (_, topic) => {
    expect(parseUpTopic(topic)).toBeNull();
  });

  it('never throws, whatever a broker delivers', () => {
    fc.assert(fc.property(fc.string(), (topic) => parseUpTopic(topic) === null || topic.startsWith('towline/v1/')));
  });
});
