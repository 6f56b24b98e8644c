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

/** Class, subclass and protocol as `lsusb` writes them: `ff/00/00`. */
const usbClassSchema = z.string().regex(/^[0-9a-f]{2}(\/[0-9a-f]{2}){2}$/);

/** `ADDRESS bulk SIZE` or `ADDRESS interrupt SIZE bINTERVAL`: address in hexadecimal with its direction bit, the rest decimal. */
const usbEndpointSchema = z.string().regex(/^[08][0-9a-f] (bulk \d{1,4}|interrupt \d{1,4} \d{1,2})$/);

const descriptorShape = {
  class: usbClassSchema,
  endpoints: z.array(usbEndpointSchema),
  /** Alternate setting 0 has no endpoints, these belong to alternate 1: the data interface of a CDC network function. */
  emptyAlternate: z.boolean().optional(),
};

/** What the device descriptor and its strings say, the same in each data mode. High speed. */
export const usbDeviceSchema = z.strictObject({
  class: usbClassSchema,
  /** bcdDevice as `lsusb` shows it: `3.18`. */
  release: z.string().regex(/^\d{1,2}\.\d{2}$/),
  manufacturer: z.string().min(1),
  product: z.string().min(1),
  serial: z.string().min(1).nullable(),
  /** bmAttributes of the configuration, hexadecimal. */
  attributes: z.string().regex(/^[0-9a-f]{2}$/),
  maxPowerMa: z.int().min(0).max(500),
  /** First half of the MAC that ECM, RNDIS and NCM give the host; null: the modem has none of these. */
  macPrefix: z
    .string()
    .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){2}$/)
    .nullable(),
});

/** An interface of a modem that waits for firmware. */
export const usbBootInterfaceSchema = z.strictObject({ number: interfaceNumberSchema, ...descriptorShape });

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
        /** Class and endpoints as far as they are known: without them the composition cannot be emulated. */
        class: descriptorShape.class.optional(),
        endpoints: descriptorShape.endpoints.optional(),
        emptyAlternate: descriptorShape.emptyAlternate,
      }),
    )
    .min(1),
  /** Interface association descriptors: interfaces that belong to one function. */
  associations: z.array(z.strictObject({ first: interfaceNumberSchema, count: z.int().min(1).max(8), class: usbClassSchema })).optional(),
  /** Interface numbers to look for AT on, best first. */
  at: z.array(interfaceNumberSchema).min(1),
  /** Interface that takes `ATD*99#`; may be an AT interface too. */
  ppp: interfaceNumberSchema.nullable(),
});

export type UsbId = z.infer<typeof usbIdSchema>;
export type UsbDevice = z.infer<typeof usbDeviceSchema>;
export type UsbLayout = z.infer<typeof usbLayoutSchema>;
