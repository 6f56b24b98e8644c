import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { Action } from '@towline/protocol/http';
import { type ProblemCode, problemSchema } from '@towline/protocol/http';
import type * as z from 'zod';
import { rolesFor } from '../../operators/authorise.ts';
import { Allows, AnyCaller, Public } from './access.ts';
import { statusOf } from './problem.ts';

export interface EndpointDescription {
  readonly summary: string;
  readonly description?: string;
  /** An action, `self` for any caller, or `public`. */
  readonly access: Action | 'self' | 'public';
  /** Of the answer; without one it is 204. */
  readonly returns?: z.ZodType;
  readonly status?: 200 | 201 | 202 | 204;
  /** What it may answer besides what every route may. */
  readonly errors?: readonly ProblemCode[];
}

const authErrors: readonly ProblemCode[] = ['auth.missing', 'auth.refused', 'auth.forbidden'];
const everyError: readonly ProblemCode[] = ['request.invalid', 'throttled', 'unavailable'];

function errorResponses(codes: readonly ProblemCode[]): MethodDecorator[] {
  const distinct = [...new Set(codes)];
  return [...new Set(distinct.map(statusOf))].map((status) => {
    const grouped = distinct.filter((code) => statusOf(code) === status);
    return ApiResponse({ status, standardSchema: problemSchema, description: `Problem: ${grouped.join(', ')}` });
  });
}

/** One route: who may call it and what it answers, for the guard and for the documentation alike. */
export function Endpoint({ summary, description, access, returns, status, errors = [] }: EndpointDescription): MethodDecorator {
  const open = access === 'public';
  const [role] = access === 'public' || access === 'self' ? [] : rolesFor(access);
  const explained = [...(description ? [description] : []), ...(role ? [`Needs the role ${role}, or one above it.`] : [])].join(' ');
  const success = status ?? (returns ? 200 : 204);
  return applyDecorators(
    ApiOperation({ summary, ...(explained ? { description: explained } : {}) }),
    ApiResponse({ status: success, description: 'done', ...(returns ? { standardSchema: returns } : {}) }),
    ...errorResponses([...(open ? [] : authErrors), ...everyError, ...errors]),
    ...(open ? [Public()] : [ApiBearerAuth(), access === 'self' ? AnyCaller() : Allows(access)]),
  );
}
