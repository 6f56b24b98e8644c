import { acting, faultOf, type Stage, waiting } from '../decision.ts';
import { lookAgainMs } from '../intervals.ts';
import type { Step } from '../step.ts';

/** How long the kernel's own loading of drivers may take after the device appeared. */
const autoloadMs = 10_000;

/** Has every interface its driver? What the kernel does not bind by itself is bound once an attachment: by loading the drivers, and by telling them of an id that they do not list. */
export const driverStage: Stage = ({ observed, memory, host, nowMs }) => {
  const { usb } = observed;
  const isDone = usb && memory.boundAttachment === usb.attachment;
  if (!usb || !host || usb.role === 'boot' || usb.unbound.length === 0 || isDone) return null;
  const sinceMs = memory.unboundSinceMs ?? nowMs;
  if (nowMs - sinceMs < autoloadMs) {
    // A modem that already answers may lack the one driver that its profile does not need: it is not held up.
    return observed.answering ? null : waiting('absent', sinceMs + Math.min(autoloadMs, lookAgainMs.soon + nowMs - sinceMs));
  }
  const drivers = [...new Set(usb.unbound.map(({ driver }) => driver))];
  const id = { vidPid: usb.vidPid, like: usb.needsNewId ? usb.listedAs : null };
  const step: Step = { kind: 'bind-drivers', drivers, ...id, cutsLink: false, changesDialling: false };
  const fault = faultOf('host.driver-missing', [`the kernel has not bound ${drivers.join(', ')} to ${usb.vidPid}`]);
  return acting('absent', [step], { fault });
};
