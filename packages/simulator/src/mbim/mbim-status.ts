/** Status codes of MBIM 1.0 table 9-14 that this simulation gives. */
export const mbimStatus = {
  none: 0,
  busy: 1,
  failure: 2,
  simNotInserted: 3,
  badSim: 4,
  pinRequired: 5,
  pinDisabled: 6,
  notRegistered: 7,
  noDeviceSupport: 9,
  packetServiceDetached: 12,
  maxActivatedContexts: 13,
  notInitialized: 14,
  contextNotActivated: 16,
  serviceNotActivated: 17,
  invalidAccessString: 18,
  invalidUserNamePassword: 19,
  radioPowerOff: 20,
  invalidParameters: 21,
  operationNotAllowed: 28,
} as const;

/** Status of a connect that the network refused; the cause itself stands in the answer's network error. */
const statusOfCause: ReadonlyMap<number, number> = new Map([
  [27, mbimStatus.invalidAccessString],
  [29, mbimStatus.invalidUserNamePassword],
  [33, mbimStatus.serviceNotActivated],
  [65, mbimStatus.maxActivatedContexts],
]);

/** @param cause of TS 24.008 clause 10.5.6.6, or null when the network was not asked */
export function connectStatus(cause: number | null): number {
  return cause === null ? mbimStatus.failure : (statusOfCause.get(cause) ?? mbimStatus.failure);
}
