import { isAccessPointName } from '../at/access-point-name.ts';
import type { AuthMethod } from '../driver.ts';
import type { Reading } from '../failure.ts';
import { failed } from '../operations/modem-link.ts';
import type { ToolCommand } from '../sessions/host-tool.ts';
import { quotedValue } from '../sessions/tool-text.ts';

export type IpFamily = 4 | 6;
export type LinkLayer = 'raw-ip' | '802-3';

export interface QmiCallRequest {
  readonly family: IpFamily;
  /** Index of the modem's own profile, which is its PDP context (`AT+CGDCONT`) of that number. */
  readonly profile: number;
  /** Empty: the profile's. */
  readonly apn: string;
  readonly auth: AuthMethod;
  readonly username: string;
  readonly password: string;
}

export type QmiAction =
  | { readonly kind: 'get-data-format' }
  | { readonly kind: 'set-data-format'; readonly linkLayer: LinkLayer }
  | { readonly kind: 'start-network'; readonly call: QmiCallRequest }
  | { readonly kind: 'packet-service-status' }
  | { readonly kind: 'current-settings' }
  | { readonly kind: 'stop-network'; readonly handle: number }
  /** Ends whatever call there is, and one that the modem makes by itself (handle 0xffffffff). */
  | { readonly kind: 'stop-any-network' }
  /** Does nothing but release the client id that it is given. */
  | { readonly kind: 'release' }
  | { readonly kind: 'set-operating-mode'; readonly mode: 'offline' | 'reset' }
  | { readonly kind: 'get-usb-composition' }
  | { readonly kind: 'set-usb-composition'; readonly composition: number };

/** Whose client id a command uses, and what becomes of it. */
export interface QmiClient {
  /** Null: a new one is allocated. */
  readonly cid: number | null;
  readonly keep: boolean;
  /** CTL sync when opening: the modem forgets every client id of before, and the calls that hang on them. */
  readonly sync: boolean;
  /** Which protocol the control port speaks: Sierra's take QMI inside of MBIM too. Left out: QMI itself. */
  readonly over?: 'mbim';
}

export const passingClient: QmiClient = { cid: null, keep: false, sync: false };

interface Built {
  readonly option: string;
  readonly secrets?: readonly string[];
}

const refused = (reason: string) => failed({ code: 'value.refused', evidence: [reason] });

function bounded(value: number, max: number): string | null {
  return Number.isInteger(value) && value >= 0 && value <= max ? String(value) : null;
}

function credentials(call: QmiCallRequest): Reading<readonly string[]> {
  if (call.auth === 'none') return { ok: true, value: [] };
  const username = quotedValue(call.username);
  const password = quotedValue(call.password);
  if (username === null || password === null) return refused('qmicli cannot carry this user name or password');
  return { ok: true, value: [`auth=${call.auth.toUpperCase()}`, `username=${username}`, `password=${password}`] };
}

/** The profile stands beside the APN, so that the call is the PDP context of that number, which `AT+CGCONTRDP` then tells of. */
function startNetwork(call: QmiCallRequest): Reading<Built> {
  if (!isAccessPointName(call.apn)) return refused('no access point name');
  const profile = bounded(call.profile, 255);
  const keys = credentials(call);
  if (!keys.ok) return keys;
  if (profile === null) return refused('no profile number');
  const apn = call.apn === '' ? [] : [`apn=${call.apn}`];
  const parts = [...apn, `3gpp-profile=${profile}`, `ip-type=${call.family}`, ...keys.value];
  const secrets = call.auth === 'none' ? [] : [call.password];
  return { ok: true, value: { option: `--wds-start-network=${parts.join(',')}`, secrets } };
}

function numbered(option: string, value: string | null): Reading<Built> {
  return value === null ? refused(`${option} takes another number`) : { ok: true, value: { option: `${option}=${value}` } };
}

function plain(option: string): Reading<Built> {
  return { ok: true, value: { option } };
}

function optionOf(action: QmiAction): Reading<Built> {
  switch (action.kind) {
    case 'get-data-format':
      return plain('--wda-get-data-format');
    case 'set-data-format':
      return plain(`--wda-set-data-format=link-layer-protocol=${action.linkLayer}`);
    case 'start-network':
      return startNetwork(action.call);
    case 'packet-service-status':
      return plain('--wds-get-packet-service-status');
    case 'current-settings':
      return plain('--wds-get-current-settings');
    case 'stop-network':
      return numbered('--wds-stop-network', bounded(action.handle, 0xffffffff));
    case 'stop-any-network':
      return plain('--wds-stop-network=disable-autoconnect');
    case 'release':
      return plain('--wds-noop');
    case 'set-operating-mode':
      return plain(`--dms-set-operating-mode=${action.mode}`);
    case 'get-usb-composition':
      return plain('--dms-swi-get-usb-composition');
    case 'set-usb-composition':
      return numbered('--dms-swi-set-usb-composition', bounded(action.composition, 255));
  }
}

/**
 * Always through qmi-proxy (`-p`; libqmi-utils depends on it): the proxy keeps the port open between our commands, so that an
 * answer that came too late is never taken for the next command's, and ModemManager or a person may ask beside us. Always
 * `--device-open-qmi`, since the kernel driver was found in sysfs already and the tool's own guess fails on a PTY.
 */
export function qmicliCommand(device: string, action: QmiAction, client: QmiClient = passingClient): Reading<ToolCommand> {
  if (!/^\/dev\/[A-Za-z0-9/_-]{1,64}$/.test(device)) return refused('no control port');
  const built = optionOf(action);
  if (!built.ok) return built;
  const cid = client.cid === null ? null : bounded(client.cid, 254);
  if (client.cid !== null && cid === null) return refused('no client id');
  const options = [
    ...(client.sync ? ['--device-open-sync'] : []),
    ...(cid === null ? [] : [`--client-cid=${cid}`]),
    ...(client.keep ? ['--client-no-release-cid'] : []),
  ];
  return {
    ok: true,
    value: {
      argv: ['qmicli', '-d', device, '-p', `--device-open-${client.over ?? 'qmi'}`, ...options, built.value.option],
      secrets: (built.value.secrets ?? []).filter((secret) => secret !== ''),
    },
  };
}
