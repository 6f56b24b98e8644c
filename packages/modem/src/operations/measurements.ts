import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { signalParsers } from '../at/replies/signal-replies.ts';
import { temperatureParsers } from '../at/replies/temperature-replies.ts';
import type { Signal } from '../driver.ts';
import type { ModemFailure, Reading } from '../failure.ts';
import type { SignalDialect, TemperatureDialect } from '../models/dialects.schema.ts';
import { failed, isRefusal, type ModemLink } from './modem-link.ts';

const signalCommands: Readonly<Record<SignalDialect, AtCommand>> = {
  qcsq: atCommand('AT+QCSQ'),
  gstatus: atCommand('AT!GSTATUS?'),
  cpsi: atCommand('AT+CPSI?'),
  rfsts: atCommand('AT#RFSTS'),
  hcsq: atCommand('AT^HCSQ?'),
  cesq: atCommand('AT+CESQ'),
  csq: atCommand('AT+CSQ'),
};

const temperatureCommands: Readonly<Record<TemperatureDialect, AtCommand | Reading<AtCommand>>> = {
  qtemp: atCommand('AT+QTEMP'),
  pctemp: atCommand('AT!PCTEMP?'),
  cpmutemp: atCommand('AT+CPMUTEMP'),
  tempsens: atSet('#TEMPSENS', { kind: 'number', value: 2, min: 0, max: 2 }),
  chiptemp: atCommand('AT^CHIPTEMP?'),
};

function hasValue(signal: Signal): boolean {
  return Object.values(signal).some((value) => value !== null);
}

/** The first dialect that tells any value; all unknown is an answer too, when none does. */
export async function readSignal(link: ModemLink): Promise<Reading<Signal>> {
  let unknown: Signal | undefined;
  let failure: ModemFailure = { code: 'at.rejected', evidence: [] };
  for (const dialect of link.model.dialects.signal) {
    const reading = await link.read({ command: signalCommands[dialect], parse: signalParsers[dialect] });
    if (!reading.ok) {
      if (!isRefusal(reading.failure)) return reading;
      failure = reading.failure;
    } else if (hasValue(reading.value)) {
      return reading;
    } else {
      unknown = reading.value;
    }
  }
  return unknown ? { ok: true, value: unknown } : failed(failure);
}

/** Null where the model has no sensor, or its firmware does not tell. */
export async function readTemperature(link: ModemLink): Promise<Reading<number | null>> {
  const dialect = link.model.dialects.temperature;
  if (dialect === null) return { ok: true, value: null };
  const reply = await link.ask(temperatureCommands[dialect]);
  if (!reply.ok) return isRefusal(reply.failure) ? { ok: true, value: null } : reply;
  return { ok: true, value: temperatureParsers[dialect](reply.value) };
}
