import { isRegistered } from '../../modem/bearers.ts';
import { cellOf } from '../../modem/radio.ts';
import { type CommandTable, type Handler, ok } from '../command.ts';

/** Two columns, separated by tabs, as EM7455 prints them (openwrt/packages issue 10565, luci-app-3ginfo-lite issue 37). */
const gstatus: Handler = ({ state, world }) => {
  const { rat, functionality, bootedMs } = state.running;
  const uptime = Math.floor((world.nowMs() - bootedMs) / 1000);
  const head = [
    '!GSTATUS: ',
    `Current Time:  ${uptime}\t\tTemperature: ${world.temperature()}`,
    `Reset Counter: 1\t\tMode:        ${functionality === 1 ? 'ONLINE' : 'LOW POWER MODE'}         `,
  ];
  if (!isRegistered(state) || rat === null) {
    const emm = state.running.registration === 3 ? 'Limited Service' : 'No Service';
    return ok(...head, 'System mode:   NO SERVICE \tPS state:    Not attached     ', `EMM state:     Deregistered   \t${emm} `);
  }
  const cell = cellOf(world.seed, rat);
  const { rssi, rsrp, rsrq, sinr } = world.radio();
  return ok(
    ...head,
    `System mode:   LTE        \tPS state:    ${state.running.packetAttached ? 'Attached' : 'Not attached'}     `,
    `LTE band:      B${cell.band}     \t\tLTE bw:      ${cell.bandwidth} MHz  `,
    `LTE Rx chan:   ${cell.channel}\t\tLTE Tx chan: ${cell.channel + 18_000}`,
    'LTE CA state:  NOT ASSIGNED',
    'EMM state:     Registered     \tNormal Service ',
    'RRC state:     RRC Connected  ',
    'IMS reg state: No Srv  \t\t',
    '',
    `PCC RxM RSSI:  ${rssi}\t\tRSRP (dBm):  ${rsrp}`,
    `PCC RxD RSSI:  ${rssi - 4}\t\tRSRP (dBm):  ${rsrp - 5}`,
    `Tx Power:      --\t\tTAC:         ${cell.area} (${Number.parseInt(cell.area, 16)})`,
    `RSRQ (dB):     ${rsrq.toFixed(1)}\t\tCell ID:     ${cell.id} (${Number.parseInt(cell.id, 16)})`,
    `SINR (dB):     ${sinr.toFixed(1)}`,
  );
};

export const sierraStatusCommands: CommandTable = {
  '!GSTATUS': gstatus,
  '!PCTEMP': ({ world }) => ok('Temp state: Normal', `Temperature: ${world.temperature()}.00 C`),
  '!PCVOLT': () => ok('Volt state: Normal', 'Power supply voltage: 3318 mV'),
  '!PCINFO': ({ state }) =>
    ok(
      `State: ${state.running.functionality === 1 ? 'Online' : 'LowPowerMode'}`,
      'LPM force flags - W_DISABLE:0, User:0, Temp:0, Volt:0, BIOS:0, GOBIIM:0',
      'W_DISABLE: 0',
      'Poweroff mode: 0',
      'LPM Persistent: 0',
    ),
};
