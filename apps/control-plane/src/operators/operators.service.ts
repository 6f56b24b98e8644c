import {
  type CreatedToken,
  type CreateOperator,
  type CreateToken,
  type Operator,
  type Page,
  type PageQuery,
  type Token,
  type Whoami,
} from '@towline/protocol/http';
import type { TokenDirectory } from '../platform/http/auth.guard.ts';
import { found, refusal } from '../platform/refusal.ts';
import { actionsOfRole, type Caller } from './authorise.ts';
import type { OperatorsRepository } from './operators.repository.ts';
import { tokenHash } from './token.ts';

const rememberedTokens = 1000;

export class OperatorsService implements TokenDirectory {
  readonly #operators: OperatorsRepository;
  /** Hashes, newest last; only to tell a known caller from a flood of guesses, never to let one in. */
  readonly #validOnce = new Set<string>();

  constructor(operators: OperatorsRepository) {
    this.#operators = operators;
  }

  async callerOf(token: string): Promise<Caller | null> {
    const caller = await this.#operators.callerOf(token);
    this.#remember(token, caller !== null);
    return caller;
  }

  wasValid(token: string): boolean {
    return this.#validOnce.has(key(token));
  }

  whoami({ tenant, id, name, role }: Caller): Whoami {
    return { tenant, id, name, role, actions: [...actionsOfRole[role]] };
  }

  list(caller: Caller, query: PageQuery): Promise<Page<Operator>> {
    return this.#operators.list(caller.tenant, query);
  }

  create(caller: Caller, body: CreateOperator): Promise<Operator> {
    return this.#operators.create(caller, body);
  }

  /** Nobody locks himself out: another admin has to do that. */
  async disable(caller: Caller, id: string): Promise<Operator> {
    if (id === caller.id) throw refusal('resource.conflict', 'you cannot disable yourself');
    return found(await this.#operators.disable(caller, id), 'operator');
  }

  listTokens(caller: Caller, operator: string, query: PageQuery): Promise<Page<Token>> {
    return this.#operators.listTokens(caller.tenant, operator, query);
  }

  async createToken(caller: Caller, operator: string, body: CreateToken): Promise<CreatedToken> {
    return found(await this.#operators.createToken(caller, operator, body), 'operator');
  }

  async revokeToken(caller: Caller, id: string): Promise<Token> {
    return found(await this.#operators.revokeToken(caller, id), 'token');
  }

  #remember(token: string, valid: boolean): void {
    const hash = key(token);
    this.#validOnce.delete(hash);
    if (!valid) return;
    this.#validOnce.add(hash);
    const [oldest] = this.#validOnce;
    if (this.#validOnce.size > rememberedTokens && oldest !== undefined) this.#validOnce.delete(oldest);
  }
}

const key = (token: string): string => Buffer.from(tokenHash(token)).toString('base64');
