import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** JSON values, one a line, over a stream. A line that is not JSON is a defect of the other side and ends the connection. */
export interface JsonLines {
  readonly send: (value: unknown) => void;
}

export function jsonLines(socket: Socket, onValue: (value: unknown) => void): JsonLines {
  createInterface({ input: socket }).on('line', (line) => {
    try {
      onValue(JSON.parse(line));
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  return { send: (value) => void socket.write(`${JSON.stringify(value)}\n`) };
}
