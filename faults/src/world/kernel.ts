import { bareInterface, type HostStep, kernelAfter, type ObservedHost } from '@towline/agent/testing';

/** How a packet leaves the host. */
export type Route = 'bearer' | 'lifeline' | 'unreachable';

/**
 * The network of a host as its kernel keeps it: an interface goes with its device, and with it its addresses and routes; rules and what ends a
 * table stay until the next boot.
 */
export class Kernel {
  private host: ObservedHost | null = null;
  private left: Pick<ObservedHost, 'routes' | 'rules'> = { routes: [], rules: [] };
  readonly hasLifeline: boolean;

  constructor(hasLifeline: boolean) {
    this.hasLifeline = hasLifeline;
  }

  appear(name: string): void {
    this.host = { ...bareInterface(name), ...this.left };
  }

  vanish(): void {
    if (!this.host) return;
    const { routes, rules } = this.host;
    this.left = { rules, routes: routes.filter(({ kind }) => kind === 'unreachable') };
    this.host = null;
  }

  observe(name: string): ObservedHost | null {
    return this.host?.interface === name ? this.host : null;
  }

  /** False: there is no such interface. */
  apply(step: HostStep): boolean {
    if (!this.host) return false;
    this.host = kernelAfter(this.host, [step]);
    return true;
  }

  setUp(up: boolean): void {
    if (this.host) this.host = { ...this.host, up };
  }

  address(): string | null {
    return this.host?.up ? (this.host.addresses[0]?.address ?? null) : null;
  }

  /** @param port that the socket is bound to; null: none, so the main table decides */
  route(port: number | null): Route {
    const rules = this.host?.rules ?? this.left.rules;
    const rule = rules.find(({ match }) => match.kind === 'source-ports' && port !== null && match.first <= port && port <= match.last);
    if (rule) return this.byTable(rule.table) ?? this.byMain();
    return this.byMain();
  }

  private byMain(): Route {
    return this.hasLifeline ? 'lifeline' : (this.byTable(254) ?? 'unreachable');
  }

  private byTable(table: number): Route | null {
    const routes = (this.host?.routes ?? this.left.routes).filter((route) => route.table === table && route.destination === 'default');
    const [best] = routes.toSorted((one, other) => one.metric - other.metric);
    if (!best) return null;
    return best.kind === 'unicast' && this.address() !== null ? 'bearer' : 'unreachable';
  }
}
