import type { SimulatedModem } from '@towline/simulator';
import type { Kernel, Route } from './kernel.ts';

/** Where the control plane is, for the operator: an access point may reach it or not. */
export const controlPlaneHost = 'fleet.test';
/** The operator's own resolver: what an access point reaches that leads nowhere near the control plane. */
export const resolverHost = 'resolver.test';

/** One message of the device that crossed a bearer and got to the control plane. */
export interface Sight extends Standing {
  readonly atMs: number;
}

/** The bearer that stands now, as the operator granted it. */
export interface Standing {
  readonly imsi: string;
  readonly accessPoint: string;
  /** Tells one grant from the next, even behind a NAT inside the module. */
  readonly grant: string;
}

/** How far packets get that leave the host by one route. */
export type Way = { readonly kind: 'lifeline' } | ({ readonly kind: 'bearer' } & Standing) | { readonly kind: 'none' };

const plainName = (accessPoint: string) => accessPoint.split('.mnc')[0] ?? accessPoint;

/** The operator's packet core: it carries what its bearers carry, and is the one judge of whether a gateway is reachable. */
export class OperatorCore {
  readonly sights: Sight[] = [];
  private readonly modem: SimulatedModem;

  constructor(modem: SimulatedModem) {
    this.modem = modem;
  }

  /** Null while no bearer stands. */
  standing(): Standing | null {
    const link = this.modem.dataLink();
    const grant = link && this.modem.state.running.bearers.get(link.contextId)?.grant;
    if (!link || !grant) return null;
    return { imsi: this.modem.sim?.imsi ?? '', accessPoint: plainName(link.accessPoint), grant: grant.addresses.join(' ') };
  }

  /** How far packets to `host` get that leave by this route. */
  way(kernel: Kernel, route: Route, host: string): Way {
    if (route === 'lifeline') return { kind: 'lifeline' };
    const standing = route === 'bearer' ? this.standing() : null;
    const link = standing && this.modem.dataLink();
    // Packets from an address that the bearer does not have are dropped by its gateway.
    const carries =
      link?.addresses.includes(kernel.address() ?? '') && this.modem.reaches(host) && !this.modem.behaviours.find('black-hole');
    return standing && carries ? { kind: 'bearer', ...standing } : { kind: 'none' };
  }

  saw(atMs: number, { imsi, accessPoint, grant }: Standing): void {
    this.sights.push({ atMs, imsi, accessPoint, grant });
  }
}
