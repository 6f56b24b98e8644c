import * as z from 'zod';

/** How packets cross USB; `ppp` needs no network function at all. */
export const dataModeSchema = z.enum(['qmi', 'mbim', 'ecm', 'rndis', 'ncm', 'ppp']);

const interfaceNumberSchema = z.int().min(0).max(31);

/** Kernel modules of the `mainline` driver family. */
export const usbDriverSchema = z.enum([
  'option',
  'qcserial',
  'qmi_wwan',
  'cdc_mbim',
  'cdc_ether',
  'rndis_host',
  'cdc_ncm',
  'huawei_cdc_ncm',
  'cdc_acm',
]);

/** What an interface is for. `modem` takes AT commands and data calls; `network` is the network function of the data mode. */
export const usbFunctionSchema = z.enum(['at', 'modem', 'diag', 'nmea', 'audio', 'network', 'unknown']);

export const usbIdSchema = z.strictObject({
  /** Lower case hexadecimal, as in `lsusb`: `2c7c:6005`. */
  vidPid: z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/),
  /** `boot`: the modem waits for firmware (QDL), which on a gateway means a crash or a half-done update. */
  role: z.enum(['app', 'boot']),
  /** Sold under this name by somebody else. */
  oem: z.string().min(1).optional(),
  /** `new-id`: mainline kernels do not list it, the id must be given to the driver at run time. */
  kernel: z.enum(['listed', 'new-id']),
});

/** The interfaces of one composition: which of them appear in which data mode. */
export const usbLayoutSchema = z.strictObject({
  /** The USB ids that show this layout; each is one of `usb.ids`. */
  vidPids: z.array(z.string()).min(1),
  dataModes: z.array(dataModeSchema).min(1),
  interfaces: z
    .array(
      z.strictObject({
        number: interfaceNumberSchema,
        driver: usbDriverSchema,
        function: usbFunctionSchema,
      }),
    )
    .min(1),
  /** Interface numbers to look for AT on, best first. */
  at: z.array(interfaceNumberSchema).min(1),
  /** Interface that takes `ATD*99#`; may be an AT interface too. */
  ppp: interfaceNumberSchema.nullable(),
});

export type UsbId = z.infer<typeof usbIdSchema>;
export type UsbLayout = z.infer<typeof usbLayoutSchema>;
