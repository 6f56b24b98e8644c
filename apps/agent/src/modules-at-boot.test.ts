import { readFileSync } from 'node:fs';
import { models } from '@towline/modem';
import { describe, expect, it } from 'vitest';

const file = new URL('../../../infra/modules-load.d/towline.conf', import.meta.url);

describe('the drivers that are loaded at boot', () => {
  it('are those of every modem that is known, and what PPP needs over a serial port', () => {
    const named = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const drivers = models.flatMap(({ usb }) => usb.layouts.flatMap(({ interfaces }) => interfaces.map(({ driver }) => driver)));
    expect(named.toSorted()).toEqual([...new Set([...drivers, 'ppp_async'])].toSorted());
  });
});
