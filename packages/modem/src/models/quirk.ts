import * as z from 'zod';

/** What is odd about a modem, as a closed list: code asks for a quirk, never for a model's name. */
export const quirkSchema = z.enum([
  /** The host gets a private address from a NAT inside the module; the operator's address is told by `AT+CGPADDR` only. */
  'nat-behind-module',
  /** Chained commands (`AT+A;+B`) come back out of order or with extra parameters: one command a line. */
  'one-command-at-a-time',
  /** The QMI network interface passes no traffic until the host switches it to raw IP while the link is down. */
  'raw-ip-mandatory',
  /** Stays in low power until the host sends an FCC authentication, which only an operator may order. */
  'fcc-lock',
  /** `+CME ERROR: 32` to the dial command is healed by `AT&F`, once. */
  'cme32-needs-factory-defaults',
  /** The status page changes its columns between firmwares: values are found by label only. */
  'signal-by-label',
  /** Stopping an idle `AT+QNETDEVCTL` may answer ERROR: it counts as stopped. */
  'qnetdevctl-idle-stop-errors',
  /** After a slow boot the SIM is reported missing until one modem reset. */
  'sim-missing-needs-one-reset',
  /** `AT+CREG?` may answer 3 (denied) on a data-only SIM while the packet domain is registered. */
  'creg-denied-on-data-sim',
  /** AcT 8 in COPS and CEREG means LTE Cat-M1 rather than EC-GSM-IoT. */
  'act-8-is-cat-m1',
  /** Attaching may take many minutes, and power saving (PSM, eDRX) may hide the modem for hours. */
  'lpwa-slow-and-sleepy',
  /** A wrong AT port floods the host with binary `%DBG` frames. */
  'dbg-noise-on-wrong-port',
  /** The module dials by itself once attached: a dial command confirms rather than starts. */
  'dials-by-itself',
  /** The number of a USB composition type depends on the firmware: the list of the modem (`AT!USBCOMP=?`) decides. */
  'usbcomp-type-by-firmware',
  /** A wrong choice of USB functions removes the only AT port. */
  'mode-switch-can-lose-at-port',
  /** Has several USB configurations, and the one that the kernel chooses by itself may lack the network function. */
  'usb-configuration-matters',
  /** "invalid interface number" in the kernel log means nothing. */
  'benign-invalid-interface-number',
  /** The modem reboots by itself once its data mode was written. */
  'mode-switch-reboots-by-itself',
]);

export type Quirk = z.infer<typeof quirkSchema>;
