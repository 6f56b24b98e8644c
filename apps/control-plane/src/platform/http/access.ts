import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { Fault } from '@towline/kit';
import type { Action } from '@towline/protocol/http';
import type { Caller as CallerOfRequest } from '../../operators/authorise.ts';
import type { HttpRequest } from './exchange.ts';

/** Who may call a route; `self`: whoever has a token. A route without one is closed. */
export type Access = { readonly kind: 'public' } | { readonly kind: 'self' } | { readonly kind: 'action'; readonly action: Action };

export const accessKey = 'towline:access';
const access = (value: Access) => SetMetadata(accessKey, value);

/** Anyone may call it, throttled by address. */
export const Public = () => access({ kind: 'public' });
/** Whoever has a valid token may call it. */
export const AnyCaller = () => access({ kind: 'self' });
/** Only callers whose role allows this action may call it. */
export const Allows = (action: Action) => access({ kind: 'action', action });

export type Caller = CallerOfRequest;

/** The caller that the guard let in. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): CallerOfRequest => {
  const { caller } = context.switchToHttp().getRequest<HttpRequest>();
  if (!caller) throw new Fault('access.no-caller', 'a public route asks for its caller');
  return caller;
});
