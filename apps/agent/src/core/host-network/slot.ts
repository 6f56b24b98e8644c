/** As many bearers as one device reports. */
export const maxSlots = 8;

/** The main table's number in the kernel (rtnetlink(7), RT_TABLE_MAIN). */
export const mainTable = 254;

/** Marks routes and rules as ours in the kernel; no routing daemon that iproute2 knows has this number. */
export const routeProtocol = 116;

/** The largest there is, so that a table ends with it. */
export const lastMetric = 4_294_967_295;

/** Each bearer has a routing table of its own, so that a socket can be bound to one whatever the others hold. */
export const tableOf = (slot: number): number => 7_400 + slot;

/** Behind Ethernet by any manager (dhclient 0, NetworkManager 100, its Wi-Fi 600, systemd-networkd 1024). */
export const metricOf = (slot: number): number => 4_000 + slot;

/** Sockets that open from these ports leave over the bearer. Above Linux's own choices (ip_local_port_range ends at 60999). */
export const portsOf = (slot: number): { readonly first: number; readonly last: number } => {
  const first = 61_000 + slot * 64;
  return { first, last: first + 63 };
};

const sessionPorts = 8;

/** Of these, what the session with the control plane uses: a probe must not meet its port. */
export function sessionPortsOf(slot: number): { readonly first: number; readonly last: number } {
  const { last } = portsOf(slot);
  return { first: last - sessionPorts + 1, last };
}

export function probePortsOf(slot: number): { readonly first: number; readonly last: number } {
  const { first, last } = portsOf(slot);
  return { first, last: last - sessionPorts };
}
