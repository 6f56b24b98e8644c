import type { Cancel } from '@towline/kit';
import type { IpLink } from '../link/ip-link.ts';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import type { BearerGrant } from '../network/operator-network.ts';

/** What lies behind a network function while its bearer is up. */
export interface Uplink {
  readonly link: IpLink;
  /** What the operator granted. */
  readonly grant: BearerGrant;
  /** IPv4 of a NAT inside the module, which the host gets instead of the operator's; null: the host gets the operator's. */
  readonly nat: { readonly hostAddress: string; readonly gateway: string } | null;
}

export interface UplinkSource {
  current(): Uplink | null;
  /** Called when `current` may give something else than before. */
  onChange(listen: () => void): Cancel;
}

/** The uplink of a modem's USB network function (ECM, RNDIS, NCM): the context that it is bridged to. */
export function networkFunctionUplink(modem: SimulatedModem): UplinkSource {
  return {
    current() {
      const { networkCall, bearers } = modem.state.running;
      const data = modem.dataLink();
      const grant = networkCall === null ? undefined : bearers.get(networkCall)?.grant;
      const link = networkCall === null ? null : modem.link(networkCall);
      if (!data || !grant || !link) return null;
      const [hostAddress] = data.addresses;
      const nat = data.behindNat && hostAddress !== undefined ? { hostAddress, gateway: data.gateway } : null;
      return { link, grant, nat };
    },
    onChange: (listen) => modem.onDataChange(listen),
  };
}
