import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseNetworkScan } from './network-scan-reply.ts';

// Composed after TS 27.007 clause 7.3.
it('finds each network with what it is to this SIM, and leaves the ranges at the end out', () => {
  const line = '+COPS: (2,"Polder Mobile","Polder","20499",7),(1,"Name, (with) all","N","26201",2),(3,"","","310410"),,(0-4),(0-2)';
  expect(parseNetworkScan([line])).toEqual([
    { plmn: '20499', name: 'Polder Mobile', availability: 'current', accessTechnology: 7 },
    { plmn: '26201', name: 'Name, (with) all', availability: 'available', accessTechnology: 2 },
    { plmn: '310410', name: null, availability: 'forbidden', accessTechnology: null },
  ]);
});

it('finds none where the modem found none, and says nothing of no answer', () => {
  expect(parseNetworkScan(['+COPS: ,,(0-4),(0-2)'])).toEqual([]);
  expect(parseNetworkScan([])).toBeNull();
});

it('throws for no line', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseNetworkScan([`+COPS: ${text}`]);
    }),
  );
});
