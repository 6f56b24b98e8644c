import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import type { Fault } from '@towline/kit';
import type { FieldError } from '@towline/protocol/http';
import { refusal } from '../refusal.ts';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Of a zod issue about keys that the schema does not know: they lie below `path`. */
  readonly keys?: readonly string[];
}

/** `rules[0].profile` */
export function fieldPath(path: Issue['path'] = []): string {
  return path
    .map((segment) => (typeof segment === 'object' ? segment.key : segment))
    .reduce<string>(
      (whole, key) => (typeof key === 'number' ? `${whole}[${key}]` : whole === '' ? String(key) : `${whole}.${String(key)}`),
      '',
    );
}

const maxErrors = 50;

/**
 * Checks body, query and parameters by the schema at the parameter; what is wrong is told by path, which begins with a parameter's name.
 * A body that was left out is an empty one, so that each field that it lacks is told.
 */
export class ValidationPipe implements PipeTransform {
  async transform(value: unknown, { type, schema, data }: ArgumentMetadata): Promise<unknown> {
    if (!schema || type === 'custom') return value;
    const result = await schema['~standard'].validate(type === 'body' ? (value ?? {}) : value);
    if (!result.issues) return result.value;
    throw invalid(result.issues, data === undefined ? [] : [data]);
  }
}

function fieldErrors({ path = [], message, keys }: Issue, place: readonly string[]): FieldError[] {
  if (!keys) return [{ path: fieldPath([...place, ...path]), message }];
  return keys.map((key) => ({ path: fieldPath([...place, ...path, key]), message: 'no such field' }));
}

function invalid(issues: readonly Issue[], place: readonly string[]): Fault {
  const errors = issues.flatMap((issue) => fieldErrors(issue, place)).slice(0, maxErrors);
  return refusal('request.invalid', 'see errors for what to change; nothing was done', errors);
}
