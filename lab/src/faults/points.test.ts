import { describe, expect, it } from 'vitest';
import { LabPoints, pointOfLine } from './points.ts';

describe('a line of the agent’s log', () => {
  it.each([
    ['{"level":"info","event":"modem.step","modem":"1-1","step":"dial"}', 'modem.step dial'],
    ['{"level":"info","event":"modem.decided","modem":"1-1","connection":"verified","next":"wait"}', 'modem.decided verified'],
    ['{"level":"info","event":"link.connected","connection":1795281925000001}', 'link.connected'],
    ['{"level":"warn","event":"link.unreachable","code":"link.no-bearer","attempt":4}', null],
    ['node: something else', null],
  ])('%s is the point %s', (line, point) => {
    expect(pointOfLine(line)).toBe(point);
  });
});

describe('points', () => {
  it('count from when they are armed until they are disarmed', () => {
    const points = new LabPoints();
    const reached: string[] = [];
    points.reach('too early');
    points.arm((index, name) => void reached.push(`${index} ${name}`));
    points.reach('one');
    points.reach('two');
    expect(points.disarm()).toEqual(['one', 'two']);
    points.reach('too late');
    expect(reached).toEqual(['0 one', '1 two']);
    points.arm(() => undefined);
    expect(points.disarm()).toEqual([]);
  });
});
