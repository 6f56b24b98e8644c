/** One thing that the field reports which Towline began with do to a modem, and what of it the lab cannot show. */
export interface ReportOperation {
  /** Number of the report, and of the operation in it. */
  readonly number: string;
  readonly text: string;
  /** Where it is proven, or why it is not, if no story does. */
  readonly elsewhere?: string;
}

export const reportTitles: Readonly<Record<string, string>> = {
  '0': 'BG96 on a Linux PC',
  '1': 'EC200A on a K230 board: ECM, RNDIS, PPP',
  '2': 'MC7455: GobiNet, qmi_wwan, MBIM',
  '3': 'QMI on OpenWrt',
  '4': 'EM7565 with GobiSerial on a Raspberry Pi',
};

const notBuilt = 'not built yet';
const outOfTree = 'vendor drivers outside the kernel are not in the lab';

/** In the order of the reports. */
export const reportOperations: readonly ReportOperation[] = [
  { number: '0.1', text: 'The drivers that BG96 can have are known: option and qmi_wwan' },
  { number: '0.2', text: 'A kernel whose option does not know the id: new_id instead of patching the source' },
  { number: '0.3', text: 'Building the serial drivers out of tree', elsewhere: notBuilt },
  { number: '0.4', text: 'A kernel after November 2017 knows BG96 by itself' },
  {
    number: '0.5',
    text: 'qmi_wwan, qcserial and option are loaded and stay loaded over a reboot',
    elsewhere:
      'the kernel loads them by modalias in every story, the agent where it does not (`enumerate-em7565-unlisted`); `infra/modules-load.d/towline.conf` loads them at each boot',
  },
  { number: '0.6', text: 'ttyUSB0 to 3 on interfaces 0 to 3, qmi_wwan on interface 4, whatever the names turn out to be' },
  { number: '0.7', text: 'The AT port answers' },
  { number: '0.8', text: 'The USB detect pin of the board', elsewhere: 'hardware' },
  { number: '0.9', text: 'Descriptor reads that fail with error -71: wiring, not software' },
  { number: '1.1', text: 'cdc_ether on 0 and 1, option on 2, 3, 4, 6; the "invalid interface number" line is benign' },
  { number: '1.2', text: 'What the kernel has to have: option, PPP, usbnet, RNDIS, ECM' },
  { number: '1.3', text: 'Probing by a chained AT line, whose results may end with CME ERROR 10' },
  { number: '1.4', text: 'AT+QCFG="usbnet" read and written, AT+CFUN=1,1, back as another device' },
  { number: '1.5', text: 'AT+QNETDEVCTL, udhcpc, ping' },
  { number: '1.6', text: 'pppd with peer file, chat scripts and ip-up' },
  { number: '1.7', text: 'Ending pppd: TERM, five looks, KILL' },
  { number: '2.1', text: 'GobiNet and GobiSerial with RAWIP=1', elsewhere: outOfTree },
  { number: '2.2', text: 'qcserial and qmi_wwan of a kernel from 4.5 on, with qmicli' },
  { number: '2.3', text: 'Only one set of drivers may be active', elsewhere: outOfTree },
  { number: '2.4', text: 'The MBIM composition as the third way' },
  { number: '2.5', text: 'Link down, raw_ip on, link up' },
  { number: '3.1', text: 'cdc-wdm, qmi_wwan and libqmi' },
  { number: '3.2', text: 'OpenWrt configuration of the interface', elsewhere: notBuilt },
  { number: '3.3', text: 'Start and stop from LuCI', elsewhere: notBuilt },
  { number: '3.4', text: 'qmicli and qmi-network; client ids that would leak if nobody released them' },
  { number: '4.1', text: 'GobiSerial before usbserial: unknown symbols', elsewhere: outOfTree },
  { number: '4.2', text: 'Blacklisting qcserial and qmi_wwan', elsewhere: outOfTree },
];
