import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { Fault, faultCode, faultText } from '@towline/kit';
import * as z from 'zod';
import type { ControlPlaneLog } from '../log.ts';
import type { HttpReply, HttpRequest } from './exchange.ts';
import { problemOf } from './problem.ts';

const waitSchema = z.object({ retryAfterS: z.int() });

/** Every error leaves the API as `application/problem+json`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: ControlPlaneLog;

  constructor(log: ControlPlaneLog) {
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<HttpRequest>();
    const reply = host.switchToHttp().getResponse<HttpReply>();
    const problem = { ...problemOf(error), instance: request.url.split('?')[0] };
    if (problem.status >= 500) this.#tell(request, error);
    if (reply.sent) return;
    const wait = error instanceof Fault ? waitSchema.safeParse(error.details) : null;
    if (wait?.success) reply.header('retry-after', String(wait.data.retryAfterS));
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    reply.status(problem.status).header('content-type', 'application/problem+json; charset=utf-8').send(JSON.stringify(problem));
  }

  /** For the operator of the control plane, not for the caller. Values of parameters are in no driver's message. */
  #tell(request: HttpRequest, error: unknown): void {
    this.#log.error('http.request-failed', {
      method: request.method,
      path: request.url.split('?')[0],
      code: faultCode(error),
      reason: faultText(error),
    });
  }
}
