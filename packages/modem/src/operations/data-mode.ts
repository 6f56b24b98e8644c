import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { dataModeParsers } from '../at/replies/data-mode-replies.ts';
import type { DataMode } from '../driver.ts';
import type { Reading } from '../failure.ts';
import type { DataModeDialect } from '../models/dialects.schema.ts';
import { failed, type ModemLink } from './modem-link.ts';

const questions: Readonly<Record<Exclude<DataModeDialect, 'fixed'>, AtCommand | Reading<AtCommand>>> = {
  'qcfg-usbnet': atSet('+QCFG', { kind: 'keyword', value: 'usbnet' }),
  usbcomp: atCommand('AT!USBCOMP?'),
  cusbcfg: atCommand('AT+CUSBCFG?'),
  usbcfg: atCommand('AT#USBCFG?'),
  setport: atCommand('AT^SETPORT?'),
};

/** The data mode that the modem is set to. A code that the model does not list is `at.unparsable`, never a guess. */
export async function readDataMode(link: ModemLink): Promise<Reading<DataMode>> {
  const { dialect, modes } = link.model.dataModes;
  if (dialect === 'fixed') {
    return { ok: true, value: modes[0]?.mode ?? 'ppp' };
  }
  const code = await link.read({ command: questions[dialect], parse: dataModeParsers[dialect] });
  if (!code.ok) return code;
  const known = modes.find((entry) => entry.code?.toLowerCase() === code.value.toLowerCase());
  if (known) return { ok: true, value: known.mode };
  return failed({ code: 'at.unparsable', evidence: [`data mode ${code.value} is not one of this model's`] });
}
