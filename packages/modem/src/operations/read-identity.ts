import { atCommand } from '../at/at-command.ts';
import { parseRevision, parseText } from '../at/replies/identity-replies.ts';
import { parseSubscriberNumber } from '../at/replies/sim-replies.ts';
import type { Identity } from '../driver.ts';
import type { Reading } from '../failure.ts';
import type { FirmwareDialect } from '../models/dialects.schema.ts';
import { type ModemLink, type Question } from './modem-link.ts';

const firmwareQuestions: Readonly<Record<FirmwareDialect, Question<string>>> = {
  cgmr: { command: atCommand('AT+CGMR'), parse: parseText },
  qgmr: { command: atCommand('AT+QGMR'), parse: parseText },
  'ati-revision': { command: atCommand('ATI'), parse: parseRevision },
};

/** Maker, product, firmware and IMEI: one command each. */
export async function readIdentity(link: ModemLink): Promise<Reading<Identity>> {
  const manufacturer = await link.read({ command: atCommand('AT+CGMI'), parse: parseText });
  if (!manufacturer.ok) return manufacturer;
  const product = await link.read({ command: atCommand('AT+CGMM'), parse: parseText });
  if (!product.ok) return product;
  const firmware = await link.read(firmwareQuestions[link.model.dialects.firmware]);
  if (!firmware.ok) return firmware;
  const imei = await link.read({ command: atCommand('AT+CGSN'), parse: parseSubscriberNumber });
  if (!imei.ok) return imei;
  return {
    ok: true,
    value: { manufacturer: manufacturer.value, product: product.value, firmware: firmware.value, imei: imei.value.slice(0, 15) },
  };
}
