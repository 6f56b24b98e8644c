import type { z } from 'zod';

type JsonSchema = z.core.JSONSchema.BaseSchema;

export interface FieldRow {
  /** Dotted, `[]` for members of a list. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value);

const alternativesOf = (schema: JsonSchema): JsonSchema[] => (schema.anyOf ?? schema.oneOf ?? []).filter(isSchema);

function typeName(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return alternatives.map(typeName).join(' or ');
  if (schema.type === 'array' && isSchema(schema.items)) return `list of ${typeName(schema.items)}`;
  return schema.type ?? 'any';
}

/** The objects inside a schema, whatever wraps them: null, a list or alternatives. */
function objectsIn(schema: JsonSchema, path: string): { schema: JsonSchema; path: string }[] {
  if (schema.type === 'object') return [{ schema, path }];
  if (schema.type === 'array' && isSchema(schema.items)) return objectsIn(schema.items, `${path}[]`);
  return alternativesOf(schema).flatMap((alternative) => objectsIn(alternative, path));
}

/** One row a field, nested ones below their parent; of alternatives each field once. */
export function fieldRows(schema: JsonSchema, path = ''): FieldRow[] {
  const rows = objectsIn(schema, path).flatMap((object) =>
    Object.entries(object.schema.properties ?? {}).flatMap(([name, field]) => {
      if (!isSchema(field)) return [];
      const fieldPath = object.path === '' ? name : `${object.path}.${name}`;
      return [
        { path: fieldPath, type: typeName(field), required: object.schema.required?.includes(name) ?? false },
        ...fieldRows(field, fieldPath),
      ];
    }),
  );
  return rows.filter((row, index) => rows.findIndex((other) => other.path === row.path && other.type === row.type) === index);
}
