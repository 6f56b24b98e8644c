/** What the load process is told. */
export interface LoadOrder {
  readonly port: number;
  readonly devices: readonly { readonly tenant: string; readonly id: string; readonly secret: string }[];
  /** Reports each device keeps on their way. */
  readonly window: number;
  /** What counts as the answer to a report: the broker's PUBACK, or the control plane's end-to-end ack. */
  readonly answer: 'puback' | 'ack';
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
