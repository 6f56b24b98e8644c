import { type StateReport, upTopic } from '@towline/protocol';
import { describe, expect, it } from 'vitest';
import { ControlPlane, freshRecord } from './control-plane.ts';
import { WorldClock } from './world-clock.ts';

const address = { tenant: 'acme', device: '0123456789' };

function controlPlane() {
  const record = freshRecord();
  const own = new ControlPlane(new WorldClock(), record, () => {});
  const visitor = { clientId: address.device, send: () => {}, cut: () => {} };
  own.welcome(visitor);
  const say = (channel: 'hello' | 'state', message: object) => own.receive(visitor, upTopic(address, channel), JSON.stringify(message));
  return {
    record,
    greet: (epoch: string) => {
      const fingerprint = { boardSerial: null, imeis: [] };
      const about = {
        protocol: 1,
        agent: '0.1.0',
        boot: 'boot-1',
        connection: 1,
        nonce: 'nonce-nonce',
        held: { target: null },
        fingerprint,
      };
      say('hello', { ...about, stream: { epoch, sequence: 0 } });
    },
    state: (epoch: string, sequence: number) => {
      const state: StateReport = { epoch, sequence, base: 1, sentAt: 0, held: { target: null }, target: null, uptimeS: 1, modems: [] };
      say('state', state);
    },
  };
}

describe('the control plane of a world', () => {
  it('keeps the newest state, when one that was sent again comes in after it', () => {
    const { record, greet, state } = controlPlane();
    greet('aaaaaaaa');
    state('aaaaaaaa', 2);
    state('aaaaaaaa', 1);
    expect(record.state).toMatchObject({ sequence: 2 });
  });

  it('keeps the state of the stream that was greeted with last, when one of another stream comes in after it', () => {
    const { record, greet, state } = controlPlane();
    greet('aaaaaaaa');
    greet('bbbbbbbb');
    state('bbbbbbbb', 1);
    state('aaaaaaaa', 9);
    expect(record.state).toMatchObject({ epoch: 'bbbbbbbb' });
  });
});
