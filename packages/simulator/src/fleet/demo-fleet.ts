import type { Random } from '@towline/kit';
import type { DataMode } from '@towline/modem';
import { characters } from '../characters/index.ts';
import type { SimulatedSimOptions } from '../modem/simulated-sim.ts';
import type { OperatorNetworkOptions } from '../network/operator-network.ts';
import { demoOperators } from './demo-operators.ts';
import { withCheckDigit } from './luhn.ts';

/** One modem of a described fleet; JSON. */
export interface ModemDescription {
  readonly model: string;
  readonly imei: string;
  readonly sim: SimulatedSimOptions;
  /** PLMN of the operator that it is on. */
  readonly operator: string;
  /** What is stored in context 1. */
  readonly accessPoint: string;
  readonly meanRsrpDbm: number;
  /** Without it the mode of the factory. */
  readonly dataMode?: DataMode;
}

export interface GatewayDescription {
  readonly boardSerial: string;
  readonly site: string;
  readonly modems: readonly ModemDescription[];
}

/** A fleet as data: the same seed gives the same fleet. */
export interface FleetDescription {
  readonly operators: readonly OperatorNetworkOptions[];
  readonly gateways: readonly GatewayDescription[];
}

/** Set to a mode that is dialled over AT, where the factory's needs a QMI tool on the host. */
const dataModes: Readonly<Record<string, DataMode>> = { ec25: 'ecm', 'rm520n-gl': 'ecm', le910c4: 'ecm' };

const sites = ['north', 'south', 'harbour', 'depot', 'ridge'] as const;

/** How often a model is met beyond the first eleven gateways, in shares. Invented. */
const shares: Readonly<Record<string, number>> = {
  bg96: 12,
  ec200a: 20,
  ec200u: 10,
  ec25: 24,
  'rm520n-gl': 6,
  mc7455: 6,
  em7455: 4,
  em7565: 4,
  sim7600: 8,
  le910c4: 4,
  me909: 2,
};

function drawModel(random: Random): string {
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  let left = random.next() * total;
  for (const [model, share] of Object.entries(shares)) {
    left -= share;
    if (left < 0) return model;
  }
  return 'ec25';
}

function pick<Item>(items: readonly [Item, ...Item[]], random: Random): Item {
  return items[Math.floor(random.next() * items.length)] ?? items[0];
}

const [polder, fjord, campus] = demoOperators.map(({ plmn, accessPoints }) => ({
  plmn,
  accessPoint: accessPoints[0]?.name ?? '',
}));

/** Polder has the most cards; a campus network is rare. */
function drawOperator(random: Random): { readonly plmn: string; readonly accessPoint: string } {
  const draw = random.next();
  return (draw < 0.55 ? polder : draw < 0.9 ? fjord : campus) ?? { plmn: '00101', accessPoint: '' };
}

function describeModem(index: number, model: string, random: Random): ModemDescription {
  const operator = drawOperator(random);
  const number = String(index + 1);
  const dataMode = dataModes[model];
  return {
    model,
    imei: withCheckDigit(`35000199${number.padStart(6, '0')}`),
    sim: {
      iccid: withCheckDigit(`8988${operator.plmn}${number.padStart(9, '0')}`),
      imsi: `${operator.plmn}${number.padStart(10, '0')}`,
    },
    operator: operator.plmn,
    accessPoint: operator.accessPoint,
    meanRsrpDbm: -75 - Math.floor(random.next() * 35),
    ...(dataMode ? { dataMode } : {}),
  };
}

/** One gateway for each model that can be simulated, then `more` in a believable mix. */
export function demoFleet(random: Random, more = 39): FleetDescription {
  const models = [...characters.map(({ id }) => id), ...Array.from({ length: more }, () => drawModel(random))];
  const gateways = models.map(
    (model, index): GatewayDescription => ({
      boardSerial: `TL-${String(index + 1).padStart(5, '0')}`,
      site: pick(sites, random),
      modems: [describeModem(index, model, random)],
    }),
  );
  return { operators: demoOperators, gateways };
}
