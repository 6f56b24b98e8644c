import { readFileSync } from 'node:fs';
import { Fault } from '@towline/kit';
import { parse } from 'yaml';

type Node = Readonly<Record<string, unknown>>;

/** One service of a compose file, its variables filled in. */
export interface ComposeService {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Services that must have come so far before it starts. */
  readonly dependsOn: ReadonlyMap<string, string>;
  /** argv of its health check, without the word CMD. */
  readonly healthCheck: readonly string[] | null;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const isWords = (value: unknown): value is string[] => Array.isArray(value) && value.every((word) => typeof word === 'string');

/** `NAME=value` lines, as compose and systemd read them. */
export function readEnvironmentFile(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** `${NAME}` and `${NAME:?complaint}` as compose fills them in. @throws Fault `compose.variable-missing` with the file's own complaint. */
function filledIn(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::\?([^}]*))?\}/g, (_whole, name: string, complaint: string | undefined) => {
    const value = variables[name] ?? '';
    if (value === '') throw new Fault('compose.variable-missing', `${name}: ${complaint ?? 'is not set'}`);
    return value;
  });
}

function dependenciesOf(service: Node): Map<string, string> {
  const wanted = isNode(service.depends_on) ? service.depends_on : {};
  return new Map(Object.entries(wanted).map(([name, need]) => [name, isNode(need) ? String(need.condition) : '']));
}

function serviceOf(name: string, service: Node): ComposeService {
  if (!isWords(service.command)) throw new Fault('compose.no-command', `${name} has no command as a list`);
  const environment = isNode(service.environment) ? service.environment : {};
  const check = isNode(service.healthcheck) && isWords(service.healthcheck.test) ? service.healthcheck.test : null;
  return {
    name,
    command: service.command,
    environment: Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value)])),
    dependsOn: dependenciesOf(service),
    healthCheck: check?.[0] === 'CMD' ? check.slice(1) : null,
  };
}

/** The services of a compose file by name. @throws Fault `compose.variable-missing`, `compose.no-command` */
export function readComposeFile(path: string, variables: Readonly<Record<string, string>>): ReadonlyMap<string, ComposeService> {
  const document: unknown = parse(filledIn(readFileSync(path, 'utf8').replaceAll(/^\s*#.*$/gm, ''), variables));
  if (!isNode(document) || !isNode(document.services)) throw new Fault('compose.no-services', `${path} has no services`);
  const services = Object.entries(document.services).filter(([, service]) => isNode(service));
  return new Map(services.map(([name, service]) => [name, serviceOf(name, isNode(service) ? service : {})]));
}
