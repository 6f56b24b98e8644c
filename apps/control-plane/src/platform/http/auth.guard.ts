import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { Fault } from '@towline/kit';
import { authorise, type Caller, rolesFor } from '../../operators/authorise.ts';
import { notFound, refusal } from '../refusal.ts';
import type { Throttle } from '../throttle.ts';
import { type Access, accessKey } from './access.ts';
import type { HttpRequest } from './exchange.ts';

/** Who a bearer token belongs to. */
export interface TokenDirectory {
  /** Null for a token that is unknown, expired or revoked, and for a disabled operator. */
  callerOf(token: string): Promise<Caller | null>;
  /** Whether this token was valid a short while ago, without asking the database. */
  wasValid(token: string): boolean;
}

export interface RequestThrottles {
  readonly byAddress: Throttle;
  readonly byCaller: Throttle;
  readonly failedLogins: Throttle;
}

const tokenPattern = /^Bearer (tw_[A-Za-z0-9_-]{43})$/;

function throttled(retryAfterS: number): Fault {
  return new Fault('throttled', `too many requests: try again in ${retryAfterS} s`, { details: { errors: [], retryAfterS } });
}

function bearerOf(request: HttpRequest): string {
  const { authorization } = request.headers;
  if (authorization === undefined) throw refusal('auth.missing', 'send the header Authorization: Bearer <token>');
  const token = typeof authorization === 'string' ? tokenPattern.exec(authorization)?.[1] : undefined;
  if (token === undefined) throw refusal('auth.refused', 'the token is not one of ours: it begins with tw_');
  return token;
}

/** Lets a request in: counts it, finds its caller, and asks whether the route's action is allowed. */
export class AuthGuard implements CanActivate {
  readonly #reflector: Reflector;
  readonly #tokens: TokenDirectory;
  readonly #throttles: RequestThrottles;

  constructor(reflector: Reflector, tokens: TokenDirectory, throttles: RequestThrottles) {
    this.#reflector = reflector;
    this.#tokens = tokens;
    this.#throttles = throttles;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.#reflector.getAllAndOverride<Access | undefined>(accessKey, [context.getHandler(), context.getClass()]);
    const request = context.switchToHttp().getRequest<HttpRequest>();
    if (access?.kind === 'public') return this.#letAnyoneIn(request);
    const caller = await this.#identify(request);
    const wait = this.#throttles.byCaller.take(`${caller.tenant}/${caller.id}`);
    if (wait !== null) throw throttled(wait);
    request.caller = caller;
    if (access?.kind === 'self') return true;
    const answer = access ? authorise(caller, access.action, caller.tenant) : 'forbidden';
    if (answer === 'not-found') throw notFound('resource');
    if (answer === 'allowed') return true;
    const [role] = access ? rolesFor(access.action) : [];
    throw refusal('auth.forbidden', `the role ${caller.role} does not allow this${role ? `: it takes ${role}` : ''}`);
  }

  #letAnyoneIn(request: HttpRequest): boolean {
    const wait = this.#throttles.byAddress.take(request.ip);
    if (wait !== null) throw throttled(wait);
    return true;
  }

  /** A flood of wrong tokens is answered without the database; whoever had a valid one shortly before is not held up by it. */
  async #identify(request: HttpRequest): Promise<Caller> {
    const { failedLogins } = this.#throttles;
    try {
      const token = bearerOf(request);
      const wait = failedLogins.exhausted(request.ip);
      if (wait !== null && !this.#tokens.wasValid(token)) throw throttled(wait);
      const caller = await this.#tokens.callerOf(token);
      if (!caller) throw refusal('auth.refused', 'the token is unknown, expired or revoked');
      return caller;
    } catch (error) {
      const wait = error instanceof Fault && error.code.startsWith('auth.') ? failedLogins.take(request.ip) : null;
      throw wait === null ? error : throttled(wait);
    }
  }
}
