import * as z from 'zod';

/** How a data connection is started and stopped. */
export const dialDialectSchema = z.enum([
  /** `ATD*99***<cid>#` on the PPP port; CONNECT hands the port to pppd. */
  'ppp-atd',
  /** ASR (EC200A): `AT+QNETDEVCTL=<type>,<cid>,<urc>`; type 0 off, 1 once, 3 stored; `?` gives type, cid, urc, state. */
  'qnetdevctl-type',
  /** Unisoc (EC200U): `AT+QNETDEVCTL=1,<cid>,1` starts, `=0,<cid>,1` stops; `?` as EC200A where the firmware answers it. */
  'qnetdevctl-cid',
  /** RM500U and RG801H style: `AT+QNETDEVCTL=<cid>,<op>,<urc>`; op 1 starts, 0 stops. */
  'qnetdevctl-cid-first',
  /** `AT+CGACT=1,<cid>`, for modules that bring their network function up with the context. */
  'cgact',
  /** Sierra: `AT!SCACT=1,<cid>`. */
  'scact',
  /** Qualcomm: `AT$QCRMCALL=1,1`. */
  'qcrmcall',
  /** Telit: `AT#ECM=1,0` on the context that is bound to it. */
  'telit-ecm',
  /** Huawei: `AT^NDISDUP=<cid>,1,"<apn>"`. */
  'ndisdup',
  /** By the QMI control port, not by AT. */
  'qmi',
  /** By the MBIM control port, not by AT. */
  'mbim',
]);

/** How the data mode is read; writing uses the same command. */
export const dataModeDialectSchema = z.enum([
  /** `AT+QCFG="usbnet"`; the code is its number. */
  'qcfg-usbnet',
  /** `AT!USBCOMP?`; the code is the interface bitmask in hexadecimal. */
  'usbcomp',
  /** `AT+CUSBCFG?`; the code is the USB product id. */
  'cusbcfg',
  /** `AT#USBCFG?`; the code is its number. */
  'usbcfg',
  /** `AT^SETPORT?`; the code is the last field of the port list. */
  'setport',
  /** There is one composition only: its first mode. */
  'fixed',
]);

export const signalDialectSchema = z.enum([
  /** Quectel `AT+QCSQ`. */
  'qcsq',
  /** Sierra `AT!GSTATUS?`. */
  'gstatus',
  /** SIMCom `AT+CPSI?`. */
  'cpsi',
  /** Telit `AT#RFSTS`. */
  'rfsts',
  /** Huawei `AT^HCSQ?`. */
  'hcsq',
  /** 3GPP TS 27.007 clause 8.69. */
  'cesq',
  /** 3GPP TS 27.007 clause 8.5. */
  'csq',
]);

export const temperatureDialectSchema = z.enum(['qtemp', 'pctemp', 'cpmutemp', 'tempsens', 'chiptemp']);
export const iccidDialectSchema = z.enum(['qccid', 'ccid', 'iccid', 'ciccid', 'telit-ccid', 'huawei-iccid']);
export const pinTriesDialectSchema = z.enum(['qpinc', 'cpinc', 'telit-pct', 'huawei-cpin']);
export const firmwareDialectSchema = z.enum(['cgmr', 'qgmr', 'ati-revision']);
export const apnDialectSchema = z.enum(['cgdcont', 'qicsgp']);
export const authDialectSchema = z.enum(['cgauth', 'qicsgp', 'qcpdpp', 'authdata']);
export const resetDialectSchema = z.enum(['cfun-1-1', 'sierra-reset', 'simcom-creset', 'telit-reboot', 'huawei-reset']);
export const radioOffDialectSchema = z.enum(['cfun-0', 'cfun-4']);
export const registrationDialectSchema = z.enum(['c5greg', 'cereg', 'cgreg', 'creg']);
export const bearerDialectSchema = z.enum(['cgcontrdp', 'cgpaddr', 'cgact']);

/** Which words a modem understands for each operation. A list is tried in order; null: the modem has no such thing. */
export const dialectsSchema = z.strictObject({
  signal: z.array(signalDialectSchema).min(1),
  temperature: temperatureDialectSchema.nullable(),
  iccid: z.array(iccidDialectSchema).min(1),
  pinTries: pinTriesDialectSchema.nullable(),
  firmware: firmwareDialectSchema,
  /** All of them are written. */
  apn: z.array(apnDialectSchema).min(1),
  auth: authDialectSchema,
  reset: resetDialectSchema,
  radioOff: radioOffDialectSchema,
  registration: z.array(registrationDialectSchema).min(1),
  bearer: z.array(bearerDialectSchema).min(1),
});

export type DialDialect = z.infer<typeof dialDialectSchema>;
export type DataModeDialect = z.infer<typeof dataModeDialectSchema>;
export type SignalDialect = z.infer<typeof signalDialectSchema>;
export type TemperatureDialect = z.infer<typeof temperatureDialectSchema>;
export type IccidDialect = z.infer<typeof iccidDialectSchema>;
export type PinTriesDialect = z.infer<typeof pinTriesDialectSchema>;
export type FirmwareDialect = z.infer<typeof firmwareDialectSchema>;
export type ApnDialect = z.infer<typeof apnDialectSchema>;
export type AuthDialect = z.infer<typeof authDialectSchema>;
export type ResetDialect = z.infer<typeof resetDialectSchema>;
export type RegistrationDialect = z.infer<typeof registrationDialectSchema>;
export type BearerDialect = z.infer<typeof bearerDialectSchema>;
