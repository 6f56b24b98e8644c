import { createModemDriver, modelById, type Reading, type SwitchableModemDriver } from '@towline/modem';
import type { ModemConfig } from '../config/agent-config.ts';
import type { FoundModem } from '../core/usb/found-modem.ts';
import type { ModemPlace } from '../core/usb/modem-place.ts';
import { type OpenModem, reading } from './modem-handle.ts';
import type { ModemPlaces } from './modem-places.ts';
import type { AgentPorts } from './ports.ts';

function notThere(...evidence: string[]): Reading<SwitchableModemDriver> {
  return { ok: false, failure: { code: 'at.port-closed', evidence } };
}

/** Opens the first of a modem's AT ports on which a modem answers. */
export function driverOpener(ports: AgentPorts): OpenModem {
  return async (config, place) => {
    let opened = notThere('there is no such modem on USB');
    for (const atPath of place.kind === 'ttys' ? [place.atPath] : place.kind === 'usb' ? place.modem.atPaths : []) {
      opened = await openDriver(ports, { config, place, atPath });
      if (opened.ok || opened.failure.code !== 'at.timeout') return opened;
    }
    return opened;
  };
}

interface Opening {
  readonly config: ModemConfig;
  readonly place: ModemPlace;
  readonly atPath: string;
}

/** What sessions by tools of the host need. */
function hostOptions({ host }: AgentPorts, found: FoundModem | null) {
  if (!host || !found) return {};
  const { processes, files, runDirectory } = host;
  const { controlPath, netInterface } = found;
  return {
    host: { processes, files, directory: `${runDirectory}/${found.usbPath}` },
    ...(controlPath === null ? {} : { controlPath }),
    ...(netInterface === null ? {} : { netInterface }),
  };
}

function openDriver(ports: AgentPorts, { config, place, atPath }: Opening): Promise<Reading<SwitchableModemDriver>> {
  const { serialPorts, clock, log } = ports;
  const found = place.kind === 'usb' ? place.modem : null;
  const model = (config.model === undefined ? undefined : modelById(config.model)) ?? found?.model ?? null;
  const pppPath = place.kind === 'ttys' ? place.pppPath : (found?.pppPath ?? null);
  return createModemDriver({
    ports: serialPorts,
    clock,
    log,
    atPath,
    ...(pppPath === null ? {} : { pppPath }),
    ...(model ? { model } : {}),
    ...hostOptions(ports, found),
  });
}

/** Opens a modem at its place, and makes sure that it is the one that was meant. */
export function meantModem(open: OpenModem, places: ModemPlaces): OpenModem {
  return async (config, place) => {
    places.settle(config.id, place);
    const opened = await reading(() => open(config, place));
    if (config.imei === undefined) return opened;
    const identity = opened.ok ? await reading(() => opened.value.identify()) : opened;
    if (identity.ok && identity.value.imei === config.imei) return opened;
    if (identity.ok) places.reject(config.id, place);
    else places.pass(config.id, place);
    if (opened.ok) await opened.value.close();
    return identity.ok ? notThere(`found the modem with IMEI ${identity.value.imei}, not ${config.imei}`) : identity;
  };
}
