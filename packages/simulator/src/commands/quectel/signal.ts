import type { Rat } from '@towline/modem';
import { isRegistered } from '../../modem/bearers.ts';
import { cellOf } from '../../modem/radio.ts';
import { type Call, type CommandTable, type Handler, ok } from '../command.ts';

/** What the vendor calls the technologies in QCSQ and QENG. BG95 says "eMTC" where BG96 says "CAT-M1" and "CAT-M". */
const systemModes: Readonly<Record<Rat, string>> = {
  gsm: 'GSM',
  umts: 'WCDMA',
  lte: 'LTE',
  'lte-m': 'CAT-M1',
  'nb-iot': 'CAT-NB1',
  'nr-nsa': 'LTE',
  'nr-sa': 'NR5G',
};

/** RSSI, RSRP, SINR in fifths of a dB from -20, RSRQ: `+QCSQ: "CAT-M1",-62,-101,71,-20` (BG96 log). */
const qcsq: Handler = ({ state, world }) => {
  const { rat } = state.running;
  if (!isRegistered(state) || rat === null) return ok('+QCSQ: "NOSERVICE"');
  const { rssi, rsrp, sinr, rsrq } = world.radio();
  if (rat === 'gsm') return ok(`+QCSQ: "GSM",${rssi}`);
  const sinrSteps = Math.max(0, Math.min(250, (sinr + 20) * 5));
  return ok(`+QCSQ: "${systemModes[rat]}",${rssi},${rsrp},${sinrSteps},${rsrq}`);
};

function networkCode(call: Call): string {
  const { plmn } = call.world.network;
  return `${plmn.slice(0, 3)},${plmn.slice(3)}`;
}

/** Columns of the logs in our fact sheet: BG96 on Cat-M, EC200T on LTE, RM500U on NR5G-SA. */
const servingCell: Handler = (call) => {
  const { state, world } = call;
  const { rat } = state.running;
  if (!isRegistered(state) || rat === null) return ok('+QENG: "servingcell","SEARCH"');
  const cell = cellOf(world.seed, rat);
  const { rssi, rsrp, sinr, rsrq } = world.radio();
  const activity = state.running.networkCall === null && state.running.pppCall === null ? 'NOCONN' : 'CONNECT';
  const head = `+QENG: "servingcell","${activity}"`;
  const place = networkCode(call);
  if (rat === 'gsm') return ok(`${head},"GSM",${place},${cell.area},${cell.id},${cell.physicalId % 64},${cell.channel}`);
  if (rat === 'nr-sa') {
    const middle = `${place},${cell.id},${cell.physicalId},${cell.area},${cell.channel},${cell.band},${cell.bandwidth}`;
    return ok(`${head},"NR5G-SA","${cell.duplex}",${middle},${rsrp},${rsrq},${sinr},18,34,1`);
  }
  const mode = rat === 'lte-m' ? 'CAT-M' : rat === 'nb-iot' ? 'CAT-NB' : 'LTE';
  const middle = `${place},${cell.id},${cell.physicalId},${cell.channel},${cell.band},5,5,${cell.area}`;
  return ok(`${head},"${mode}","${cell.duplex}",${middle},${rsrp},${rsrq},${rssi},${sinr},${mode === 'LTE' ? '34' : '-'}`);
};

const qnwinfo: Handler = ({ state, world }) => {
  const { rat } = state.running;
  if (!isRegistered(state) || rat === null) return ok('+QNWINFO: No Service');
  const { duplex, band, channel } = cellOf(world.seed, rat);
  const access = { gsm: 'EDGE', umts: 'WCDMA', lte: `${duplex} LTE`, 'lte-m': 'CAT-M1', 'nb-iot': 'CAT-NB1' };
  if (rat === 'nr-sa') return ok(`+QNWINFO: "${duplex} NR5G","${world.network.plmn}","NR5G BAND ${band}",${channel}`);
  const name = rat === 'nr-nsa' ? `${duplex} LTE` : access[rat];
  return ok(`+QNWINFO: "${name}","${world.network.plmn}","LTE BAND ${band}",${channel}`);
};

const qcainfo: Handler = ({ state, world }) => {
  const { rat } = state.running;
  if (!isRegistered(state) || rat === null) return ok();
  const { band, channel, physicalId, bandwidth } = cellOf(world.seed, rat);
  const { rsrp, rsrq, rssi, sinr } = world.radio();
  const name = rat === 'nr-sa' ? `NR N${band}` : `LTE BAND ${band}`;
  return ok(`+QCAINFO: "PCC",${channel},${bandwidth},"${name}",1,${physicalId},${rsrp},${rsrq},${rssi},${sinr}`);
};

export const quectelSignalCommands: CommandTable = {
  '+QCSQ': qcsq,
  '+QENG': servingCell,
  '+QNWINFO': qnwinfo,
  '+QCAINFO': qcainfo,
};
