import type { TemperatureDialect } from '../../models/dialects.schema.ts';
import { fieldsOf, numberOf } from './fields.ts';

/** Hottest of the sensors, leaving out what no gateway survives: 255 and 65535 mark a sensor that is not there. */
function hottest(degrees: readonly (number | null)[]): number | null {
  const real = degrees.filter((value) => value !== null).filter((value) => value > -60 && value < 150);
  return real.length === 0 ? null : Math.max(...real);
}

/** `+QTEMP: 38,255,255` (EC200T), or a line for each sensor: `+QTEMP: "soc-thermal","50"` (RM500U). */
function qtemp(lines: readonly string[]): number | null {
  return hottest(fieldsOf(lines, '+QTEMP').flat().map(numberOf));
}

/** Sierra `AT!PCTEMP?`: `Temperature: 31.00`. */
function pctemp(lines: readonly string[]): number | null {
  const found = /Temperature:\s*(-?\d+(?:\.\d+)?)/i.exec(lines.join('\n'))?.[1];
  return found === undefined ? null : hottest([Number(found)]);
}

/** SIMCom `+CPMUTEMP: 28`. */
function cpmutemp(lines: readonly string[]): number | null {
  return hottest(fieldsOf(lines, '+CPMUTEMP').map((fields) => numberOf(fields[0])));
}

/** Telit `#TEMPSENS: …,31`: the value ends the line. */
function tempsens(lines: readonly string[]): number | null {
  return hottest(fieldsOf(lines, '#TEMPSENS').map((fields) => numberOf(fields.at(-1))));
}

/** Huawei `^CHIPTEMP: 273,279,251,65535,65535`, in tenths of a degree. */
function chiptemp(lines: readonly string[]): number | null {
  return hottest(
    fieldsOf(lines, '^CHIPTEMP')
      .flat()
      .map(numberOf)
      .map((tenths) => (tenths === null ? null : tenths / 10)),
  );
}

/** Degrees Celsius of the hottest sensor; null where the reply names none. */
export const temperatureParsers: Readonly<Record<TemperatureDialect, (lines: readonly string[]) => number | null>> = {
  qtemp,
  pctemp,
  cpmutemp,
  tempsens,
  chiptemp,
};
