import { expect, it } from 'vitest';
import { parseMemories, parseStoredMessages } from './short-message-replies.ts';

// Composed after TS 27.005 clause 4.1.
const pdu = '07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07';

it('finds every message with its place, with an empty name or none', () => {
  const lines = ['+CMGL: 0,1,,30', pdu, '+CMGL: 7,0,30', pdu];
  const message = { sender: '+31641600986', text: 'How are you?', hasHeader: false };
  expect(parseStoredMessages(lines)).toEqual([0, 7].map((index) => ({ index, message })));
});

it('names a place whose message cannot be read, and leaves out one that was cut off', () => {
  const report = pdu.replace('F0040B', 'F0060B');
  const lines = ['+CMGL: 1,1,,30', report, '+CMGL: 2,1,,30', pdu.slice(0, 40), '+CMGL: 3,1,,30'];
  expect(parseStoredMessages(lines)).toEqual([{ index: 1, message: null }]);
  expect(parseStoredMessages([])).toEqual([]);
});

it('tells from which memory is read and where messages come in', () => {
  expect(parseMemories(['+CPMS: "ME",0,23,"ME",0,23,"SM",1,20'])).toEqual({ read: 'ME', received: 'SM' });
  expect(parseMemories(['+CPMS: 0,23,0,23'])).toBeNull();
});
