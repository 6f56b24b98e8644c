import type { Reading } from '../failure.ts';
import { failed } from '../operations/modem-link.ts';
import type { ProcessRunner } from '../ports.ts';
import { createQmiPort, readingOf } from './qmi-port.ts';
import { passingClient } from './qmicli-command.ts';
import { parseUsbCompositions } from './qmicli-replies.ts';

/** A modem of Sierra's that shows no AT port: what is left of it is its control port. */
export interface LostAtPort {
  readonly processes: ProcessRunner;
  /** `/dev/cdc-wdmN`. */
  readonly controlPath: string;
  /** Which protocol the port speaks. */
  readonly over: 'qmi' | 'mbim';
}

type Composition = ReturnType<typeof parseUsbCompositions>[number];

const listOf = (text: string): readonly Composition[] | null => {
  const listed = parseUsbCompositions(text);
  return listed.length === 0 ? null : listed;
};

/** `DM, NMEA, AT, QMI`: with an AT port, and the network function that it has now. */
function isWanted({ functions }: Composition, over: LostAtPort['over']): boolean {
  const names = functions.split(',').map((name) => name.trim().toUpperCase());
  return names.includes('AT') && names.includes(over.toUpperCase());
}

/**
 * Gives a modem its AT port back by its control port (`--dms-swi-set-usb-composition`) and restarts it. Reads first: a composition that
 * has an AT port already is left alone, since then it is the driver that is missing. `mode.not-offered` where the modem's own list has
 * no composition with an AT port and this network function.
 */
export async function restoreAtPort({ processes, controlPath, over }: LostAtPort): Promise<Reading<{ readonly written: boolean }>> {
  const ask = createQmiPort(processes, controlPath);
  const client = over === 'mbim' ? { ...passingClient, over } : passingClient;
  const listed = readingOf(await ask({ kind: 'get-usb-composition' }, { client }), listOf);
  if (!listed.ok) return listed;
  const wanted = listed.value.find((one) => isWanted(one, over));
  if (listed.value.some((one) => one.current && isWanted(one, over))) return { ok: true, value: { written: false } };
  if (!wanted)
    return failed({ code: 'mode.not-offered', evidence: listed.value.map(({ number, functions }) => `${number}: ${functions}`) });
  const written = await ask({ kind: 'set-usb-composition', composition: wanted.number }, { client });
  if (written.failure) return failed(written.failure);
  // Some firmware only restarts from offline, and refuses that where it is there already.
  await ask({ kind: 'set-operating-mode', mode: 'offline' }, { client });
  const reset = await ask({ kind: 'set-operating-mode', mode: 'reset' }, { client });
  // A port that goes away under the tool is what was asked for.
  return reset.failure && reset.failure.code === 'control.rejected' ? failed(reset.failure) : { ok: true, value: { written: true } };
}
