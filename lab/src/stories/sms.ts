import { changeAccount } from '@towline/protocol';
import { smsOrderSchema } from '@towline/protocol/http';
import { receiveShortMessage } from '@towline/simulator';
import { claim } from '../gateway/expect.ts';
import { assign, type LabDevice } from '../gateway/lab-device.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { untilReported } from '../gateway/reported.ts';
import { claimBearerAlone } from '../gateway/session-path.ts';
import { profileOf } from '../gateway/setting.ts';
import { bringOnline } from './online.ts';
import type { Story, Telling } from './story.ts';

const boss = '+491511234567';

/** Waits for a change that is open, without the yes that it waits for. */
async function untilAsking(device: LabDevice): Promise<readonly string[]> {
  const { reported } = await untilReported(
    device,
    `${accessPoints.dual} to wait for its yes`,
    ({ target, reported: told }) =>
      target?.status === 'applying' &&
      (told?.modems.some(({ connection, bearer }) => connection === 'verified' && bearer?.requestedApn === accessPoints.dual) ?? false),
  );
  return reported?.modems[0]?.bearer?.addresses ?? [];
}

async function run(telling: Telling, modem: ModemName): Promise<void> {
  const { gateway, site, say, name } = telling;
  const mode = modemKinds[modem].modes[0];
  const { device, agent, modem: laid } = await bringOnline(telling, { name: modem, mode, config: { sms: { senders: [boss] } } });
  const { api } = await site.controlPlane();
  const topic = `${changeAccount(device.id)}/down/confirm`;
  const troubles = [site.core.impair({ kind: 'picks', drops: (packet) => Buffer.from(packet).includes(topic) })];
  try {
    await assign(api, device.id, { name: `${name}-dual`, profile: profileOf({ apn: accessPoints.dual, mode }) });
    const addresses = await untilAsking(device);
    const { text } = await api.post(`/v1/devices/${device.id}/sms-orders`, { order: 'revert' }, smsOrderSchema);
    troubles.push(...addresses.map((address) => site.core.impair({ kind: 'black-hole', address })));
    receiveShortMessage(laid.simulated, { sender: boss, text });
    say(`no packet gets through any more; ${text.length} characters came in by SMS`);
    const { target } = await untilReported(
      device,
      `${accessPoints.internet} to be gone back to`,
      ({ online, target: now, reported }) =>
        online && now?.status === 'reverted' && reported?.modems[0]?.bearer?.requestedApn === accessPoints.internet,
    );
    claim('it went back by order', target?.fault?.code === 'transaction.ordered-back', target?.fault);
    claim('the inbox is empty', laid.simulated.state.stored.inbox.size === 0, laid.simulated.state.stored.inbox.size);
    await claimBearerAlone(gateway.guest, site);
  } finally {
    for (const end of troubles) end();
  }
  await agent.stop();
}

const story = (modem: ModemName): Story => ({
  name: `sms-revert-${modem}`,
  sentence: `With a change of ${modem} open and IP gone, an SMS of the control plane's takes it back, and it tells who ordered it.`,
  family: modemKinds[modem].family,
  proves: [],
  boundMs: 400_000,
  run: (telling) => run(telling, modem),
});

export const smsStories: readonly Story[] = (['ec25', 'ec200a'] as const).map(story);
