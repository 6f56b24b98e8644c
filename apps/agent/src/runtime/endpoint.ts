import type { Endpoint } from './ports.ts';

const defaultPorts: Readonly<Record<string, number>> = { mqtt: 1883, mqtts: 8883, http: 80, https: 443 };

/** Host and port of a URL; null where it has none. Of the core's own: runtimes without `URL` have no other. */
export function endpointOf(url: string): Endpoint | null {
  const [, scheme = '', bracketed, plain, port] = /^([a-z]+):\/\/(?:[^@/?#]*@)?(?:\[([^\]]+)\]|([^:/?#]+))(?::(\d+))?/.exec(url) ?? [];
  const host = bracketed ?? plain;
  const number = Number(port ?? defaultPorts[scheme] ?? 0);
  return host === undefined || number === 0 ? null : { host, port: number };
}
