/** A report of one device, named as the wire names it. */
export interface ReportName {
  readonly device: string;
  readonly epoch: string;
  readonly sequence: number;
}

/** A report that a device began to send, with what must come of it. */
export interface SentReport extends ReportName {
  /** Rows it becomes once stored: samples of a telemetry report, events of an event report. */
  readonly rows: number;
}

/** What a device read in an ack: everything of the stream up to and including `through` is committed. */
export interface SeenAck {
  readonly device: string;
  readonly epoch: string;
  readonly through: number;
}

/** One stored row and the report it came from; `index` is its place in it. */
export interface StoredRow extends ReportName {
  readonly index: number;
}

/** Everything that devices sent and saw, in whatever order. */
export interface History {
  readonly sent: readonly SentReport[];
  readonly acks: readonly SeenAck[];
}
