import type { AtArgument } from '../at/at-argument.ts';
import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { parseCgauth, parseQicsgp, parseStoredContexts } from '../at/replies/context-replies.ts';
import type { AuthMethod, BearerRequest, IpType, ModemDriver, StoredAuth, StoredContext } from '../driver.ts';
import type { Reading } from '../failure.ts';
import type { AuthDialect } from '../models/dialects.schema.ts';
import { isRefusal, type ModemLink } from './modem-link.ts';

const pdpTypes: Readonly<Record<IpType, string>> = { ipv4: 'IP', ipv6: 'IPV6', ipv4v6: 'IPV4V6' };
const quectelTypes: Readonly<Record<IpType, number>> = { ipv4: 1, ipv6: 2, ipv4v6: 3 };
const methodNumbers: Readonly<Record<AuthMethod, number>> = { none: 0, pap: 1, chap: 2 };

function context(contextId: number): AtArgument {
  return { kind: 'number', value: contextId, min: 1, max: 16 };
}

function oneOf(value: number): AtArgument {
  return { kind: 'number', value, min: 0, max: 3 };
}

function cgdcont(request: BearerRequest): Reading<AtCommand> {
  const type: AtArgument = { kind: 'keyword', value: pdpTypes[request.ipType] };
  return atSet('+CGDCONT', context(request.contextId), type, { kind: 'apn', value: request.apn });
}

/** Whatever stands in a request without authentication is not sent. */
function credentials(request: BearerRequest): StoredAuth {
  if (request.auth === 'none') return { auth: 'none', username: '', password: '' };
  return { auth: request.auth, username: request.username ?? '', password: request.password ?? '' };
}

const authCommands: Readonly<Record<AuthDialect, (request: BearerRequest) => Reading<AtCommand>>> = {
  cgauth(request) {
    const method = oneOf(methodNumbers[request.auth]);
    return request.auth === 'none'
      ? atSet('+CGAUTH', context(request.contextId), method)
      : atSet('+CGAUTH', context(request.contextId), method, username(request), password(request));
  },
  qicsgp(request) {
    const type = oneOf(quectelTypes[request.ipType]);
    const apn: AtArgument = { kind: 'apn', value: request.apn };
    const method = oneOf(methodNumbers[request.auth]);
    return atSet('+QICSGP', context(request.contextId), type, apn, username(request), password(request), method);
  },
  // Sierra takes the password before the user name.
  qcpdpp(request) {
    const method = oneOf(methodNumbers[request.auth]);
    return request.auth === 'none'
      ? atSet('$QCPDPP', context(request.contextId), method)
      : atSet('$QCPDPP', context(request.contextId), method, password(request), username(request));
  },
  // The order of the arguments is general knowledge; the empty third one is the PLMN.
  authdata(request) {
    const method = oneOf(methodNumbers[request.auth]);
    const plmn: AtArgument = { kind: 'apn', value: '' };
    return atSet('^AUTHDATA', context(request.contextId), method, plmn, password(request), username(request));
  },
};

function username(request: BearerRequest): AtArgument {
  return { kind: 'username', value: credentials(request).username };
}

function password(request: BearerRequest): AtArgument {
  return { kind: 'password', value: credentials(request).password };
}

/** What the modem holds now; null where it cannot tell or will not. */
async function readAuth(link: ModemLink, contextId: number): Promise<Reading<StoredAuth | null>> {
  const { auth } = link.model.dialects;
  if (auth !== 'cgauth' && auth !== 'qicsgp') return { ok: true, value: null };
  const reply = await link.ask(auth === 'cgauth' ? atCommand('AT+CGAUTH?') : atSet('+QICSGP', context(contextId)));
  if (!reply.ok) return isRefusal(reply.failure) ? { ok: true, value: null } : reply;
  return { ok: true, value: auth === 'cgauth' ? parseCgauth(reply.value, contextId) : parseQicsgp(reply.value) };
}

async function readContext(link: ModemLink, contextId: number): Promise<Reading<StoredContext | null>> {
  const reply = await link.ask(atCommand('AT+CGDCONT?'));
  if (!reply.ok) return reply;
  return { ok: true, value: parseStoredContexts(reply.value).find((stored) => stored.contextId === contextId) ?? null };
}

/** Access point names are compared without regard to case (TS 23.003 clause 9.1: as in DNS). */
function sameContext(stored: StoredContext | null, request: BearerRequest): boolean {
  return stored?.apn.toLowerCase() === request.apn.toLowerCase() && stored.ipType === request.ipType;
}

function sameAuth(stored: StoredAuth, request: BearerRequest): boolean {
  const wanted = credentials(request);
  return stored.auth === wanted.auth && stored.username === wanted.username && stored.password === wanted.password;
}

/** So long a write believes what the look before it read. What somebody else wrote in between costs a write too many, or the look after it finds it. */
const believedMs = 5_000;

/** What a modem has of each context, and what was read of it just now, for the one write that follows. */
interface Kept<Value> {
  readonly read: (contextId: number) => Promise<Reading<Value>>;
  readonly take: (contextId: number) => Promise<Reading<Value>>;
}

function kept<Value>({ clock }: ModemLink, ask: (contextId: number) => Promise<Reading<Value>>): Kept<Value> {
  const known = new Map<number, { readonly reading: Reading<Value>; readonly atMs: number }>();
  return {
    async read(contextId) {
      const reading = await ask(contextId);
      known.set(contextId, { reading, atMs: clock.monotonicMs() });
      return reading;
    },
    async take(contextId) {
      const last = known.get(contextId);
      known.delete(contextId);
      return last?.reading.ok && clock.monotonicMs() - last.atMs < believedMs ? last.reading : ask(contextId);
    },
  };
}

/**
 * Reads contexts, and writes them: only what differs, for this memory is flash. Where a modem does not read its authentication back, what was
 * written last is compared, which is known for as long as the port is open; the first write after that is the price. It is kept as the encoded
 * command, in memory, and goes nowhere.
 */
export function createContexts(link: ModemLink): Pick<ModemDriver, 'readAuth' | 'readContext' | 'writeContext'> {
  const lastAuth = new Map<number, string>();
  const contexts = kept(link, (contextId) => readContext(link, contextId));
  const auths = kept(link, (contextId) => readAuth(link, contextId));

  async function authDiffers(request: BearerRequest, command: AtCommand): Promise<Reading<boolean>> {
    const stored = await auths.take(request.contextId);
    if (!stored.ok) return stored;
    if (stored.value !== null) return { ok: true, value: !sameAuth(stored.value, request) };
    return { ok: true, value: lastAuth.get(request.contextId) !== command.text };
  }

  async function writeContext(request: BearerRequest): Promise<Reading<{ readonly written: boolean }>> {
    const definition = cgdcont(request);
    const auth = authCommands[link.model.dialects.auth](request);
    // Both are built before anything is written: a refused value must not leave half a context behind.
    if (!definition.ok) return definition;
    if (!auth.ok) return auth;
    const stored = await contexts.take(request.contextId);
    if (!stored.ok) return stored;
    const differs = !sameContext(stored.value, request);
    const otherAuth = await authDiffers(request, auth.value);
    if (!otherAuth.ok) return otherAuth;
    if (differs) {
      const reply = await link.ask(definition.value);
      if (!reply.ok) return reply;
    }
    // QICSGP carries the APN too, and its copy must follow.
    const writeAuth = otherAuth.value || (differs && link.model.dialects.apn.includes('qicsgp'));
    if (writeAuth) {
      const reply = await link.ask(auth.value);
      if (!reply.ok) return reply;
      lastAuth.set(request.contextId, auth.value.text);
    }
    return { ok: true, value: { written: differs || writeAuth } };
  }

  return { readContext: contexts.read, readAuth: auths.read, writeContext };
}
