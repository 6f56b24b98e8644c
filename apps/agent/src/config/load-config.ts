import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { faultCode } from '@towline/kit';
import { modelById, models } from '@towline/modem';
import * as z from 'zod/mini';
import type { Volatility } from '../core/transaction/preflight.ts';
import type { FoundModem } from '../core/usb/found-modem.ts';
import { type AgentConfig, agentConfigSchema } from './agent-config.ts';

/** One thing that is wrong with the configuration or the host, and what to do. */
export interface Complaint {
  /** Where: `modems[0].atPort`, or a file. */
  readonly path: string;
  readonly problem: string;
  readonly remedy: string;
}

export type ConfigReading =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment may set over the file: what differs from device to device, and secrets. */
const environmentKeys = {
  TOWLINE_CONTROL_PLANE_URL: ['controlPlane', 'url'],
  TOWLINE_MQTT_URL: ['mqttUrl'],
  TOWLINE_CLAIM_TOKEN: ['claimToken'],
  TOWLINE_CLAIM_TOKEN_FILE: ['claimTokenFile'],
  TOWLINE_STATE_DIR: ['stateDir'],
  TOWLINE_NAME: ['name'],
} as const;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function withValue(target: Record<string, unknown>, [key, ...rest]: readonly string[], value: string): Record<string, unknown> {
  if (key === undefined) return target;
  const inner = target[key];
  return { ...target, [key]: rest.length === 0 ? value : withValue(isRecord(inner) ? inner : {}, rest, value) };
}

function withEnvironment(file: unknown, environment: Environment): unknown {
  if (!isRecord(file)) return file;
  return Object.entries(environmentKeys).reduce((config, [name, path]) => {
    const value = environment[name];
    return value === undefined || value === '' ? config : withValue(config, path, value);
  }, file);
}

/** Variables with our prefix that nothing reads: a misspelt one would silently be without effect. */
function strayVariables(environment: Environment): Complaint[] {
  const known = [...Object.keys(environmentKeys), 'TOWLINE_CONFIG'];
  return Object.keys(environment)
    .filter((name) => name.startsWith('TOWLINE_') && !known.includes(name))
    .map((name) => ({ path: name, problem: 'is not a variable that the agent knows', remedy: `use one of ${known.join(', ')}` }));
}

const pathText = (path: readonly PropertyKey[]) =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${String(part)}`),
    '',
  );

function complaintOf(issue: z.core.$ZodIssue): Complaint {
  const path = pathText(issue.path) || 'the file';
  if (issue.code === 'unrecognized_keys')
    return { path, problem: `has unknown keys: ${issue.keys.join(', ')}`, remedy: 'remove them or correct their spelling' };
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return { path, problem: issue.message, remedy: missing ? 'add it' : 'correct the value' };
}

function parsedFile(path: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly complaint: Complaint } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return {
      ok: false,
      complaint: { path, problem: `cannot be read (${faultCode(error)})`, remedy: 'create it, or name another with --config' },
    };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    const where = error instanceof Error ? error.message : 'unknown position';
    return { ok: false, complaint: { path, problem: `is not JSON: ${where}`, remedy: 'correct the JSON' } };
  }
}

function withTokenFromFile(config: AgentConfig): ConfigReading {
  const path = config.claimTokenFile;
  if (config.claimToken !== undefined || path === undefined) return { ok: true, config };
  try {
    return { ok: true, config: { ...config, claimToken: readFileSync(path, 'utf8').trim() } };
  } catch (error) {
    // After enrolment the token is not needed any more and its file may go.
    if (faultCode(error) === 'ENOENT') return { ok: true, config };
    return { ok: false, complaints: [{ path, problem: `cannot be read (${faultCode(error)})`, remedy: 'let the agent read it' }] };
  }
}

/** Reads and checks the configuration file, with what the environment sets over it. */
export function loadConfig(path: string, environment: Environment): ConfigReading {
  const file = parsedFile(path);
  if (!file.ok) return { ok: false, complaints: [file.complaint] };
  const parsed = agentConfigSchema.safeParse(withEnvironment(file.value, environment));
  const complaints = [...strayVariables(environment), ...(parsed.success ? [] : parsed.error.issues.map(complaintOf))];
  if (!parsed.success || complaints.length > 0) return { ok: false, complaints };
  const unknown = unknownModels(parsed.data);
  return unknown.length > 0 ? { ok: false, complaints: unknown } : withTokenFromFile(parsed.data);
}

function unknownModels({ modems }: AgentConfig): Complaint[] {
  return (modems ?? []).flatMap(({ model }, index) =>
    model === undefined || modelById(model)
      ? []
      : [
          {
            path: `modems[${index}].model`,
            problem: `is no model that the agent knows: ${model}`,
            remedy: `use one of ${models.map(({ id }) => id).join(', ')}, or leave it out`,
          },
        ],
  );
}

/** What keeps a correct configuration from working on this host. */
export function examineHost(config: AgentConfig): Complaint[] {
  return [...stateDirComplaints(config.stateDir), ...portComplaints(config)];
}

/** @param volatility why a loss of power takes the state directory; null: it does not */
export function examineState({ stateDir, acceptVolatileState }: AgentConfig, volatility: Volatility | null): Complaint[] {
  if (volatility === null || acceptVolatileState) return [];
  const { why, isSeen } = volatility;
  const path = `stateDir (${stateDir})`;
  if (!isSeen) {
    const problem = `may be lost with the power (${why}): the device would forget who it is, and a change of what it is reached by`;
    return [{ path, problem, remedy: 'put it on flash; acceptVolatileState, if it is' }];
  }
  const problem = `is lost with the power (${why}): the device would forget who it is, and no change that can cut its link is begun`;
  return [{ path, problem, remedy: 'put it on flash; acceptVolatileState, if that is what you want' }];
}

/** What is wrong with the modems on USB that this configuration means. */
export function examineUsb({ modems }: AgentConfig, found: readonly FoundModem[]): Complaint[] {
  const at = (path: string, problem: string, remedy: string): Complaint => ({ path, problem, remedy });
  if (!modems && found.length === 0) return [at('modems', 'no modem is on USB', 'plug one in, or name the ttys of one that is elsewhere')];
  const missing = (modems ?? []).flatMap(({ usbPath }, index) =>
    usbPath === undefined || found.some((modem) => modem.usbPath === usbPath)
      ? []
      : [at(`modems[${index}].usbPath (${usbPath})`, 'has no modem', 'plug it in, or correct the path')],
  );
  const bare = found.flatMap(({ usbPath, product, vidPid, unbound, role }) => {
    const where = `USB ${usbPath} (${product}, ${vidPid})`;
    if (role === 'boot') return [at(where, 'waits for firmware', 'give it its firmware, or replace it')];
    const drivers = [...new Set(unbound.map(({ driver }) => driver))];
    return drivers.length === 0
      ? []
      : [
          at(
            where,
            `waits for ${drivers.join(', ')}`,
            'let the agent load them when it runs, or name them in /etc/modules-load.d/towline.conf',
          ),
        ];
  });
  return [...missing, ...bare];
}

/** The process of another agent that has it; null: nobody. */
export interface Holders {
  state(path: string): number | null;
  tty(path: string): number | null;
}

/** Another agent that lives off the same state directory or ttys: two of them would be one device twice. */
export function examineHolders(config: AgentConfig, holders: Holders): Complaint[] {
  const complaint = (path: string, pid: number | null): Complaint[] =>
    pid === null
      ? []
      : [{ path, problem: `is in use by another agent (process id ${pid})`, remedy: 'stop that one, or give this one its own' }];
  const ports = portsOf(config).flatMap(({ at, port }) => complaint(`${at} (${port})`, holders.tty(port)));
  return [...complaint(`stateDir (${config.stateDir})`, holders.state(config.stateDir)), ...ports];
}

function stateDirComplaints(path: string): Complaint[] {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
    return [];
  } catch (error) {
    return [
      {
        path: `stateDir (${path})`,
        problem: `cannot be written (${faultCode(error)})`,
        remedy: 'create it for the user that the agent runs as',
      },
    ];
  }
}

function portsOf({ modems }: AgentConfig) {
  return (modems ?? []).flatMap(({ atPort, pppPort }, index) => [
    ...(atPort === undefined ? [] : [{ at: `modems[${index}].atPort`, port: atPort }]),
    ...(pppPort === undefined ? [] : [{ at: `modems[${index}].pppPort`, port: pppPort }]),
  ]);
}

function portComplaints(config: AgentConfig): Complaint[] {
  return portsOf(config).flatMap(({ at, port }) => {
    try {
      accessSync(port, constants.R_OK | constants.W_OK);
      return [];
    } catch (error) {
      const remedy =
        faultCode(error) === 'EACCES'
          ? 'let the agent read and write it, such as by the group dialout'
          : 'plug the modem in, or correct the path';
      return [{ path: `${at} (${port})`, problem: `cannot be opened (${faultCode(error)})`, remedy }];
    }
  });
}
