/**
 * Lets a reader that takes one message after the other run ahead of those who work on them, by so many messages.
 * mqtt.js hands in the next message only when the last one's callback was called; waiting for each commit would make every
 * transaction one of a single message.
 */
export class ReadingWindow {
  readonly #size: number;
  #inside = 0;
  #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /**
   * One message more.
   * @param readOn called at once while there is room, else when there is again
   * @returns to be called once, when the message is done with
   */
  enter(readOn: () => void): () => void {
    this.#inside += 1;
    if (this.#inside < this.#size) readOn();
    else this.#waiting.push(readOn);
    return () => {
      this.#inside -= 1;
      if (this.#inside < this.#size) this.#waiting.shift()?.();
    };
  }
}
