/** A moment at which something may be made to go wrong: just before a call of the agent takes effect. */
export interface Point {
  /** Counted from the moment when the change was ordered; 0 is the first. */
  readonly index: number;
  /** What was about to happen, `disk create journal.0.new`, and which time it was. */
  readonly name: string;
}

/** Names every call that the agent makes of its world, in order, and lets a trial step in. Nothing is listed by hand. */
export class Points {
  private isArmed = false;
  private readonly names: string[] = [];
  private readonly times = new Map<string, number>();
  private first = 0x811c9dc5;
  private second = 0x9e3779b9;
  private onReach: (point: Point) => void = () => {};

  /** From now on points count. */
  arm(onReach: (point: Point) => void): void {
    this.isArmed = true;
    this.onReach = onReach;
  }

  reach(what: string): void {
    if (!this.isArmed) return;
    const time = (this.times.get(what) ?? 0) + 1;
    this.times.set(what, time);
    const name = `${what} #${time}`;
    const index = this.names.push(name) - 1;
    this.note(name);
    this.onReach({ index, name });
  }

  /** Takes part in the hash of the trace and in nothing else. */
  note(text: string): void {
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      this.first = Math.imul(this.first ^ code, 0x01000193);
      this.second = Math.imul(this.second ^ code, 0x85ebca6b) + 1;
    }
  }

  trace(): readonly string[] {
    return this.names;
  }

  /** Of all that happened in the order in which it did: two runs of one seed have the same. */
  hash(): string {
    return [this.first, this.second].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
