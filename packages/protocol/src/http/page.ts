import * as z from 'zod';

export const maxPageSize = 500;

/** Members of every list query. A cursor is opaque: it comes from the `next` of the page before. */
export const pageQuery = {
  cursor: z.string().min(1).max(1024).optional(),
  limit: z.coerce.number().int().min(1).max(maxPageSize).default(50),
};
export const pageQuerySchema = z.strictObject(pageQuery);
export type PageQuery = z.infer<typeof pageQuerySchema>;

/** One page; `next` is null on the last one. */
export function pageSchema<Item extends z.ZodType>(item: Item, id: string) {
  return z.object({ items: z.array(item), next: z.string().nullable() }).meta({ id });
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters');

export const tagSchema = z.string().regex(/^[a-z0-9][a-z0-9._:-]{0,39}$/, 'must be 1 to 40 lower-case letters, digits or . _ : -');
export const tagsSchema = z
  .array(tagSchema)
  .max(50)
  .overwrite((tags) => [...new Set(tags)].sort());

/** RFC 3339 in UTC, milliseconds. */
export const timeSchema = z.iso.datetime();
/** A moment in a query: RFC 3339, any offset. */
export const momentSchema = z.iso.datetime({ offset: true });
export const versionNumberSchema = z.int().min(1).max(2_147_483_647);
/** One immutable version of a profile or policy. */
export const versionRefSchema = z.strictObject({ id: z.uuid(), version: versionNumberSchema }).meta({ id: 'VersionRef' });
export type VersionRef = z.infer<typeof versionRefSchema>;
/** A version in a path. */
export const versionParamSchema = z.coerce.number().int().min(1).max(2_147_483_647);
