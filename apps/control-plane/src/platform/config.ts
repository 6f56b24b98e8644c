import { resolve } from 'node:path';
import { Fault } from '@towline/kit';
import * as z from 'zod';
import { inWords } from './in-words.ts';
import { type NamedNetwork, parseNetwork } from './networks.ts';

const port = z.coerce.number().int().min(1).max(65_535);
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a URL such as postgresql://user:password@host:5432/towline' });
const mqttUrl = z
  .url({ protocol: /^mqtts?$/, error: 'must be a URL such as mqtt://user:password@host:1883' })
  .regex(/^([^%]|%[\dA-F]{2})*$/i, 'must have a percent sign written as %25')
  .refine(isUtf8Escaped, 'must have other characters escaped as UTF-8, such as %C3%A9 for é');

/** The account is taken out of it by decoding: what cannot be decoded would fail late, at the first connection. */
function isUtf8Escaped(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const key = z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64: openssl rand -base64 32');

const networks = z.string().transform((text, context): NamedNetwork[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .flatMap((part) => {
      const network = parseNetwork(part);
      if (!network) context.addIssue({ code: 'custom', message: `must be networks such as 10.1.0.0/16,fd00::/8; ${part} is none` });
      return network ? [network] : [];
    }),
);

/** Every setting the control plane knows, all by environment. A `TOWLINE_` name that is not here is refused. */
const environmentSchema = z.object({
  /** A Postgres of your own; without it an embedded one is started. */
  DATABASE_URL: postgresUrl.optional(),
  /** A broker of your own, with the account of the control plane; without it the embedded one serves. */
  MQTT_URL: mqttUrl.optional(),
  TOWLINE_DATA_DIR: z.string().min(1).default('.towline/control-plane'),
  TOWLINE_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  TOWLINE_HTTP_PORT: port.default(8080),
  TOWLINE_MQTT_HOST: z.string().min(1).default('127.0.0.1'),
  TOWLINE_MQTT_PORT: port.default(1883),
  /** What devices are told to connect to, where it differs from where the broker listens. */
  TOWLINE_PUBLIC_MQTT_URL: mqttUrl.optional(),
  /**
   * Who keeps the accounts of devices at the outside broker: Towline through Mosquitto's dynamic security, or you, both of each device
   * (`elsewhere`, docs/adr/0013-session-of-changes.md). `none`: you, and without those for changes, which are not confirmed then.
   */
  TOWLINE_MQTT_ACCOUNTS: z.enum(['dynamic-security', 'elsewhere', 'none']).default('dynamic-security'),
  TOWLINE_POSTGRES_PORT: port.default(5499),
  /** Health and metrics of the processes without an API, on 127.0.0.1. */
  TOWLINE_EDGE_HTTP_PORT: port.default(8081),
  TOWLINE_TICKER_HTTP_PORT: port.default(8082),
  /** Seals secrets at rest. Without it a key file is made in the data directory. */
  TOWLINE_KEY: key.optional(),
  /** How long telemetry, events and quarantine are kept, days. */
  TOWLINE_TELEMETRY_DAYS: z.coerce.number().int().min(1).max(3650).default(30),
  /** How long audit entries and jobs that have ended are kept, days. */
  TOWLINE_AUDIT_DAYS: z.coerce.number().int().min(1).max(36_500).default(365),
  /** Networks that webhooks may go to besides the public internet, such as 10.1.0.0/16; 127.0.0.0/8 for development, then without TLS too. */
  TOWLINE_WEBHOOK_NETWORKS: networks.default([]),
  TOWLINE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

/** Where the control plane runs and with what. Paths are absolute, ports are numbers. */
export interface Config {
  readonly dataDir: string;
  readonly database: { readonly url: string | null; readonly localPort: number };
  readonly http: { readonly host: string; readonly port: number };
  readonly mqtt: {
    readonly host: string;
    readonly port: number;
    /** With the control plane's own password in it: a secret. */
    readonly outsideUrl: string | null;
    readonly publicUrl: string;
    readonly accounts: 'dynamic-security' | 'elsewhere' | 'none';
  };
  readonly edgeHttpPort: number;
  readonly tickerHttpPort: number;
  /** Base64 of 32 bytes: a secret. */
  readonly key: string | null;
  /** Days: see the settings of these names. */
  readonly telemetryDays: number;
  readonly auditDays: number;
  readonly webhookNetworks: readonly NamedNetwork[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** The broker's address without the account that is ours. */
function publicAddress(outsideUrl: string): string {
  const url = new URL(outsideUrl);
  url.username = '';
  url.password = '';
  return url.toString().replace(/\/$/, '');
}

function refuseUnknown(environment: NodeJS.ProcessEnv): void {
  const unknown = Object.keys(environment).filter((name) => name.startsWith('TOWLINE_') && !(name in environmentSchema.shape));
  if (unknown.length === 0) return;
  const known = Object.keys(environmentSchema.shape).join(', ');
  throw new Fault('config.unknown', `unknown setting ${unknown.join(', ')}; known are ${known}`);
}

/**
 * Reads the settings once, at start.
 * @throws Fault `config.unknown` or `config.invalid`, with a text that names the setting and what it must be.
 */
export function readConfig(environment: NodeJS.ProcessEnv, workingDir: string): Config {
  refuseUnknown(environment);
  const parsed = environmentSchema.safeParse(environment, { error: inWords });
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Fault('config.invalid', `invalid settings: ${problems.join('; ')}`);
  }
  const set = parsed.data;
  const outsideUrl = set.MQTT_URL ?? null;
  return {
    dataDir: resolve(workingDir, set.TOWLINE_DATA_DIR),
    database: { url: set.DATABASE_URL ?? null, localPort: set.TOWLINE_POSTGRES_PORT },
    http: { host: set.TOWLINE_HTTP_HOST, port: set.TOWLINE_HTTP_PORT },
    mqtt: {
      host: set.TOWLINE_MQTT_HOST,
      port: set.TOWLINE_MQTT_PORT,
      outsideUrl,
      publicUrl:
        set.TOWLINE_PUBLIC_MQTT_URL ??
        (outsideUrl ? publicAddress(outsideUrl) : `mqtt://${set.TOWLINE_MQTT_HOST}:${set.TOWLINE_MQTT_PORT}`),
      accounts: set.TOWLINE_MQTT_ACCOUNTS,
    },
    edgeHttpPort: set.TOWLINE_EDGE_HTTP_PORT,
    tickerHttpPort: set.TOWLINE_TICKER_HTTP_PORT,
    key: set.TOWLINE_KEY ?? null,
    telemetryDays: set.TOWLINE_TELEMETRY_DAYS,
    auditDays: set.TOWLINE_AUDIT_DAYS,
    webhookNetworks: set.TOWLINE_WEBHOOK_NETWORKS,
    logLevel: set.TOWLINE_LOG_LEVEL,
  };
}
