import type { Clock } from '@towline/kit';
import type { SerialPort, SerialPorts } from '@towline/modem';
import type { Span } from './idle-time.ts';

/** What ends a command: V.250 clause 5.7.1, TS 27.007 clause 9, and what modems add. */
const finalResult =
  /(?:^|[\r\n])(?:OK|ERROR|\+CM[ES] ERROR:[^\r\n]*|CONNECT[^\r\n]*|NO CARRIER|BUSY|NO ANSWER|NO DIALTONE|COMMAND NOT SUPPORT)\r/;

export interface WatchedPorts extends SerialPorts {
  /** While a command was on its way: from its first octet to its final result. */
  readonly outstanding: Span[];
}

/** Serial ports that note how long commands take. */
export function watchPorts(inner: SerialPorts, clock: Clock): WatchedPorts {
  const outstanding: Span[] = [];
  const watched = (port: SerialPort): SerialPort => {
    let sinceMs: number | null = null;
    let heard = '';
    const end = () => {
      if (sinceMs !== null) outstanding.push({ fromMs: sinceMs, toMs: clock.monotonicMs() });
      sinceMs = null;
    };
    port.onData((bytes) => {
      heard = (heard + Buffer.from(bytes).toString('latin1')).slice(-400);
      if (finalResult.test(heard)) end();
    });
    port.onClose(end);
    return {
      path: port.path,
      onData: (listen) => port.onData(listen),
      onClose: (listen) => port.onClose(listen),
      close: () => port.close(),
      write(bytes) {
        sinceMs ??= clock.monotonicMs();
        heard = '';
        return port.write(bytes);
      },
    };
  };
  return { outstanding, open: async (path) => watched(await inner.open(path)) };
}
