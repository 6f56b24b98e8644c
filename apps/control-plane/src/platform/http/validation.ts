import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { FieldError } from '@towline/protocol/http';
import { refusal } from '../refusal.ts';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
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

/** Checks body, query and parameters by the schema at the parameter; what is wrong is told by path. */
export function createValidationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues: readonly Issue[]) => {
      const errors: FieldError[] = issues.slice(0, maxErrors).map(({ path, message }) => ({ path: fieldPath(path), message }));
      return refusal('request.invalid', 'see errors for what to change; nothing was stored', errors);
    },
  });
}
