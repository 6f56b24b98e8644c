import { Fault } from '@towline/kit';
import { problemSchema } from '@towline/protocol/http';
import type * as z from 'zod';

/** The operator API as a client sees it. Each call has 10 s. */
export interface OperatorApi {
  /** @throws Fault `api.problem` with the problem's own code and text, or `api.unreachable`. */
  get<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.infer<Shape>>;
  post<Shape extends z.ZodType>(path: string, body: unknown, shape: Shape): Promise<z.infer<Shape>>;
}

const timeoutMs = 10_000;

export function operatorApi(baseUrl: string, token: string): OperatorApi {
  async function call<Shape extends z.ZodType>(path: string, init: RequestInit, shape: Shape): Promise<z.infer<Shape>> {
    const response = await fetch(`${baseUrl}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new Fault('api.unreachable', `${baseUrl} does not answer`, { cause });
    });
    const body: unknown = await response.json();
    if (response.ok) return shape.parse(body);
    const problem = problemSchema.safeParse(body);
    const text = problem.success ? `${problem.data.title}: ${problem.data.detail ?? ''}` : `status ${response.status}`;
    throw new Fault('api.problem', `${init.method ?? 'GET'} ${path}: ${text}`, { details: { status: response.status, body } });
  }
  return {
    get: (path, shape) => call(path, { method: 'GET' }, shape),
    post: (path, body, shape) => call(path, { method: 'POST', body: JSON.stringify(body) }, shape),
  };
}
