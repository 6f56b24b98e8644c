import { Fault, faultText } from '@towline/kit';
import type { DataMode } from '@towline/modem';
import type { DeviceDetail } from '@towline/protocol/http';
import { waitFor } from '../patience.ts';
import type { LabDevice } from './lab-device.ts';

/** From plugging in to verified, on a machine that emulates the processor and does other things besides. */
export const onlineMs = 150_000;

const summary = ({ online, reported }: DeviceDetail) =>
  `${online ? 'online' : 'offline'}; ${JSON.stringify(reported?.modems.map(({ connection, bearer, fault }) => ({ connection, bearer, fault })) ?? null)}`;

/** The target is applied, and the control plane has said yes to it over the bearer that it led to. */
export const isConfirmed = ({ target }: Pick<DeviceDetail, 'target'>): boolean =>
  target?.status === 'applied' && typeof target.change?.confirmedAt === 'string';

/** Waits until the control plane has heard what `holds` of the device. @throws Fault `story.untrue` with what it heard instead */
export async function untilReported(
  device: Pick<LabDevice, 'look'>,
  what: string,
  ...[holds, timeoutMs = onlineMs]: readonly [holds: (device: DeviceDetail) => boolean, timeoutMs?: number]
): Promise<DeviceDetail> {
  let last = 'nothing';
  const look = async () => {
    const now = await device.look();
    last = summary(now);
    return holds(now) ? now : null;
  };
  return waitFor(what, look, { timeoutMs, everyMs: 500 }).catch((error: unknown) => {
    throw new Fault('story.untrue', `${faultText(error)}; reported: ${last}`);
  });
}

/** Waits until the device is online with a modem verified in this mode. */
export function untilVerified(device: Pick<LabDevice, 'look'>, mode: DataMode): Promise<DeviceDetail> {
  return untilReported(device, `a modem verified in ${mode} mode`, ({ online, reported }) =>
    Boolean(online && reported?.modems.some(({ connection, bearer }) => connection === 'verified' && bearer?.dataMode === mode)),
  );
}
