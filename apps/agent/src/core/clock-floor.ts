/** The agent is no older than this: a wall clock that is behind it was never set, and nothing can be told by it. */
export const clockFloorMs = Date.UTC(2026, 0, 1);
