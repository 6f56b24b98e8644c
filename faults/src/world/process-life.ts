import type { Cancel, Clock } from '@towline/kit';
import type { Points } from './points.ts';

const never = <Value>() => new Promise<Value>(() => {});

/** One process of the agent, from its start to its end. Once it has ended, nothing it called answers and nothing it waits for comes. */
export class ProcessLife {
  private readonly points: Points;
  private readonly endings = new Set<() => void>();
  private isAlive = true;

  constructor(points: Points) {
    this.points = points;
  }

  get alive(): boolean {
    return this.isAlive;
  }

  /** One call of the world by this process. */
  async call<Value>(what: string, effect: () => Value | Promise<Value>): Promise<Value> {
    if (!this.isAlive) return never();
    this.points.reach(what);
    return this.answer(effect);
  }

  /** As `call`, without being a point of its own. */
  async answer<Value>(effect: () => Value | Promise<Value>): Promise<Value> {
    if (!this.isAlive) return never();
    try {
      const value = await effect();
      return this.isAlive ? value : await never<Value>();
    } catch (error) {
      if (!this.isAlive) return never();
      throw error;
    }
  }

  /** What the kernel does when the process is gone: closes what it had open. */
  onEnd(listen: () => void): Cancel {
    this.endings.add(listen);
    return () => void this.endings.delete(listen);
  }

  end(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const listen of this.endings) listen();
    this.endings.clear();
  }

  /** Time as this process sees it. @param bootedAtMs when its host came up, in the world's time, less what it had been up before the world began */
  clock(world: Clock, bootedAtMs: number): Clock {
    return {
      wallMs: () => world.wallMs(),
      monotonicMs: () => world.monotonicMs() - bootedAtMs,
      schedule: (delayMs, run) => world.schedule(delayMs, () => void (this.isAlive && run())),
    };
  }
}
