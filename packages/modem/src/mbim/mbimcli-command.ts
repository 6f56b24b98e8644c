import { isAccessPointName } from '../at/access-point-name.ts';
import type { DialRequest } from '../driver.ts';
import type { Reading } from '../failure.ts';
import { failed } from '../operations/modem-link.ts';
import type { ToolCommand } from '../sessions/host-tool.ts';
import { quotedValue } from '../sessions/tool-text.ts';

export type MbimCall = Pick<DialRequest, 'apn' | 'ipType' | 'auth' | 'username' | 'password'>;

export type MbimAction =
  | { readonly kind: 'subscriber-ready' }
  | { readonly kind: 'registration' }
  | { readonly kind: 'packet-service' }
  | { readonly kind: 'attach' }
  | { readonly kind: 'connect'; readonly call: MbimCall }
  | { readonly kind: 'connection-state' }
  | { readonly kind: 'ip-configuration' }
  | { readonly kind: 'disconnect' };

/**
 * How the control port is found and left. Opening an open function resets it and ends its session (MBIM 1.0 clause 9.4.1), so
 * it is opened once, and each process goes on with the transaction number at which the one before it stopped.
 */
export interface MbimTurn {
  /** Null: open it. */
  readonly transaction: number | null;
  /** Ends the session too. */
  readonly close: boolean;
}

interface Built {
  readonly option: string;
  readonly secrets: readonly string[];
}

const refused = (reason: string) => failed({ code: 'value.refused', evidence: [reason] });

const plain: Readonly<Record<Exclude<MbimAction['kind'], 'connect'>, string>> = {
  'subscriber-ready': '--query-subscriber-ready-status',
  registration: '--query-registration-state',
  'packet-service': '--query-packet-service-state',
  attach: '--attach-packet-service',
  'connection-state': '--query-connection-state=0',
  'ip-configuration': '--query-ip-configuration=0',
  disconnect: '--disconnect=0',
};

/** MBIM has no profile that could hold the credentials for us: they stand in the arguments, which every user of the host can read. */
function connect({ apn, ipType, auth, username = '', password = '' }: MbimCall): Reading<Built> {
  if (!isAccessPointName(apn)) return refused('no access point name');
  const parts = ['session-id=0', `access-string=${apn === '' ? '""' : apn}`, `ip-type=${ipType}`];
  if (auth === 'none') return { ok: true, value: { option: `--connect=${parts.join(',')}`, secrets: [] } };
  const [name, word] = [quotedValue(username), quotedValue(password)];
  if (name === null || word === null) return refused('mbimcli cannot carry this user name or password');
  const option = `--connect=${[...parts, `auth=${auth}`, `username=${name}`, `password=${word}`].join(',')}`;
  return { ok: true, value: { option, secrets: [password] } };
}

/**
 * Not through mbim-proxy: the proxy closes the function, and with it the session, when nobody asked for five minutes, and an agent
 * that is down must not take the link with it. So nobody else may use this port while the agent does.
 */
export function mbimcliCommand(device: string, action: MbimAction, turn: MbimTurn): Reading<ToolCommand> {
  if (!/^\/dev\/[A-Za-z0-9/_-]{1,64}$/.test(device)) return refused('no control port');
  const built: Reading<Built> =
    action.kind === 'connect' ? connect(action.call) : { ok: true, value: { option: plain[action.kind], secrets: [] } };
  if (!built.ok) return built;
  const { transaction, close } = turn;
  if (transaction !== null && !(Number.isInteger(transaction) && transaction >= 0 && transaction <= 0xffffffff))
    return refused('no transaction');
  const open = transaction === null ? [] : [`--no-open=${transaction}`];
  const argv = ['mbimcli', '-d', device, ...open, ...(close ? [] : ['--no-close']), built.value.option] as const;
  return { ok: true, value: { argv, secrets: built.value.secrets } };
}
