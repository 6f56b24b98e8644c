/** How long the loop lets things be before it looks again by itself, in milliseconds. A notice of the modem wakes it sooner. */
export const lookAgainMs = {
  /** Nothing is wrong. */
  verified: 60_000,
  /** Something is on its way: a registration, an address, a SIM that starts up. */
  soon: 2_000,
  registering: 5_000,
  /** No modem answers at the port. */
  absent: 10_000,
  /** Only a person or another target helps. */
  person: 5 * 60_000,
} as const;
