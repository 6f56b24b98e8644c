import * as z from 'zod';
import { filterSchema } from './devices.ts';

/** CSV by RFC 4180 with a heading, or a line of JSON for each row. */
export const exportFormatSchema = z.enum(['csv', 'ndjson']);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

export const exportDevicesQuerySchema = z.strictObject({ filter: filterSchema.optional(), format: exportFormatSchema.default('csv') });
export type ExportDevicesQuery = z.infer<typeof exportDevicesQuerySchema>;
export const exportRolloutQuerySchema = z.strictObject({ format: exportFormatSchema.default('csv') });
export type ExportRolloutQuery = z.infer<typeof exportRolloutQuerySchema>;

/** One row: values by column. */
export const exportRowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).meta({ id: 'ExportRow' });
export type ExportRow = z.infer<typeof exportRowSchema>;
