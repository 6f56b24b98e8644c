import * as z from 'zod/mini';

/** Device handle: 10 characters of Crockford's base 32, lower case. Short, because every topic carries it. */
export const deviceIdSchema = z
  .string()
  .check(z.regex(/^[0-9abcdefghjkmnpqrstvwxyz]{10}$/, 'must be a device id: 10 characters 0-9 a-z without i, l, o, u'));

/** Tenant handle: 1 to 12 lower-case letters and digits. */
export const tenantIdSchema = z.string().check(z.regex(/^[a-z0-9]{1,12}$/, 'must be 1 to 12 lower-case letters or digits'));

/** MCC-MNC without a hyphen: 3 + 2 or 3 digits (TS 23.003 clause 2.2). */
export const plmnSchema = z.string().check(z.regex(/^\d{5,6}$/, 'must be MCC and MNC, 5 or 6 digits, such as 26201'));

/** ICCID: 18 to 20 digits (ITU-T E.118), a trailing F filler already taken off. */
export const iccidSchema = z.string().check(z.regex(/^\d{18,20}$/, 'must be an ICCID, 18 to 20 digits'));

const apnPattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/** Access point name: labels of letters, digits and hyphens, 100 octets at most (TS 23.003 clause 9.1). */
export const apnSchema = z
  .string()
  .check(
    z.maxLength(100, 'an APN has at most 100 characters'),
    z.regex(apnPattern, 'an APN has labels of letters, digits and hyphens, joined by dots, such as fleet.north'),
  );

/** Printable ASCII without the double quote, which no AT command can carry. */
const printable = z.regex(/^[\x20\x21\x23-\x7e]*$/, 'must be printable ASCII without double quotes');
export const apnUsernameSchema = z.string().check(z.minLength(1), z.maxLength(64), printable);
export const apnPasswordSchema = z.string().check(z.minLength(1), z.maxLength(64), printable);

/** SIM PIN: 4 to 8 digits (TS 31.101). */
export const pinSchema = z.string().check(z.regex(/^\d{4,8}$/, 'must be 4 to 8 digits'));

/** Unix time in milliseconds by the device's own clock, which may start in 1970 and may jump. */
export const deviceTimeSchema = z.int().check(z.minimum(0), z.maximum(253_402_300_799_999));

/** Dotted code of a closed list somewhere: `apn.not-subscribed`. */
export const codeSchema = z.string().check(z.maxLength(64), z.regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/));

/** Modem lines or tool output that a conclusion rests on, oldest first. */
export const evidenceSchema = z.array(z.string().check(z.maxLength(256))).check(z.maxLength(16));

export const dataModeSchema = z.enum(['qmi', 'mbim', 'ecm', 'rndis', 'ncm', 'ppp']);
export const radioAccessSchema = z.enum(['auto', 'gsm', 'umts', 'lte', 'lte-m', 'nb-iot', 'nr']);
/** A place for a SIM in a modem, as it is printed beside it. */
export const simSlotSchema = z.literal([1, 2]);
export type SimSlot = z.infer<typeof simSlotSchema>;
export const ipTypeSchema = z.enum(['ipv4', 'ipv6', 'ipv4v6']);
export const authMethodSchema = z.enum(['none', 'pap', 'chap']);

/** What went wrong, for a program (`code`) and for a person (`evidence`). */
export const faultReportSchema = z.object({ code: codeSchema, evidence: evidenceSchema });
export type FaultReport = z.infer<typeof faultReportSchema>;
