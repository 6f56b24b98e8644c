import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { Fault } from '@towline/kit';
import type { FieldError } from '@towline/protocol/http';
import * as z from 'zod';
import { fieldPath, inWords } from '../in-words.ts';
import { refusal } from '../refusal.ts';

const maxErrors = 50;

/**
 * Checks body, query and parameters by the zod schema at the parameter; what is wrong is told by path, which begins with a parameter's name.
 * A body that was left out is an empty one, so that each field that it lacks is told.
 */
export class ValidationPipe implements PipeTransform {
  async transform(value: unknown, { type, schema, data }: ArgumentMetadata): Promise<unknown> {
    if (!schema || type === 'custom') return value;
    if (!(schema instanceof z.core.$ZodType)) throw new Fault('http.schema', 'the schema of a parameter is none of zod');
    const result = await z.safeParseAsync(schema, type === 'body' ? (value ?? {}) : value, { error: inWords });
    if (result.success) return result.data;
    throw invalid(result.error.issues, data === undefined ? [] : [data]);
  }
}

/** What is said of an unknown key stands at the key, not at what it lies in. */
function fieldErrors(issue: z.core.$ZodIssue, place: readonly string[]): FieldError[] {
  const path = [...place, ...issue.path];
  if (issue.code !== 'unrecognized_keys') return [{ path: fieldPath(path), message: issue.message }];
  return issue.keys.map((key) => ({ path: fieldPath([...path, key]), message: 'there is no such field: leave it out' }));
}

function invalid(issues: readonly z.core.$ZodIssue[], place: readonly string[]): Fault {
  const errors = issues.flatMap((issue) => fieldErrors(issue, place)).slice(0, maxErrors);
  return refusal('request.invalid', 'see errors for what to change; nothing was done', errors);
}
