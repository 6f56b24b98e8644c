import type { UsbBus, UsbDevice, UsbInterface } from '@towline/agent/testing';
import { type DataMode, type Model, modelById, usbLayout } from '@towline/modem';
import type { PortRole, SimulatedModem } from '@towline/simulator';

const usbPath = '1-1.3';
const netNames: Readonly<Record<DataMode, string>> = { qmi: 'wwan0', mbim: 'wwan0', ecm: 'usb0', rndis: 'eth1', ncm: 'usb0', ppp: 'ppp0' };
const ttyDrivers: ReadonlySet<string> = new Set(['option', 'qcserial', 'cdc_acm']);

/** A modem that the model files describe. @throws when they do not */
export function knownModel(id: string): Model {
  const model = modelById(id);
  if (!model) throw new Error(`no model ${id}`);
  return model;
}

/** The network interface of the composition that the modem is in. */
export function netInterfaceOf(modem: SimulatedModem): string {
  return netNames[modem.state.running.dataMode];
}

function layoutOf(modem: SimulatedModem) {
  const model = knownModel(modem.model);
  const vidPid = model.usb.ids.find(({ role }) => role === 'app')?.vidPid ?? '';
  return { vidPid, layout: usbLayout(model, vidPid, modem.state.running.dataMode) };
}

function deviceOf(modem: SimulatedModem, attachment: number): UsbDevice {
  const { vidPid, layout } = layoutOf(modem);
  const net = netInterfaceOf(modem);
  const hasControl = net === 'wwan0';
  let isNetSeen = false;
  const interfaces = (layout?.interfaces ?? []).map((one): UsbInterface => {
    const isNet = one.function === 'network' && !isNetSeen;
    isNetSeen ||= isNet;
    return {
      number: one.number,
      driver: one.driver,
      kind: (one.class ?? 'ff/ff/ff').replaceAll('/', ''),
      tty: ttyDrivers.has(one.driver) ? `ttyUSB${one.number}` : null,
      net: isNet ? net : null,
      control: isNet && hasControl ? 'cdc-wdm0' : null,
    };
  });
  return { path: usbPath, attachment, vidPid, product: null, interfaces };
}

/** What a tty of the modem is for; null where it has no such tty in this composition. */
export function roleOf(modem: SimulatedModem, path: string): PortRole | null {
  const { layout } = layoutOf(modem);
  const number = Number(/^\/dev\/ttyUSB(\d+)$/.exec(path)?.[1] ?? -1);
  if (!layout?.interfaces.some((one) => one.number === number && ttyDrivers.has(one.driver))) return null;
  if (layout.at[0] === number) return 'at';
  return layout.ppp === number ? 'ppp' : 'debug';
}

/** The bus of a host with one modem on it; a kernel sees it only while the host is up. */
export class ModemBus {
  /** Grows with each attachment, over boots too: nothing may take one for another. */
  attachment = 1;
  private readonly modem: SimulatedModem;
  private readonly listeners = new Set<() => void>();

  constructor(modem: SimulatedModem) {
    this.modem = modem;
  }

  /** The modem came or went. */
  changed(present: boolean): void {
    if (present) this.attachment += 1;
    for (const listen of this.listeners) listen();
  }

  /** As one process sees it. */
  port(): UsbBus {
    return {
      devices: () => (this.modem.present ? [deviceOf(this.modem, this.attachment)] : []),
      onChange: (listen) => {
        this.listeners.add(listen);
        return () => void this.listeners.delete(listen);
      },
    };
  }
}
