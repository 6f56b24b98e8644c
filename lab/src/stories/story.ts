import type { Gateway } from '../gateway/gateway.ts';
import type { Family } from '../gateway/modem-kinds.ts';
import type { Site } from '../gateway/site.ts';

/** What a story has besides its gateway. */
export interface Telling {
  /** Of the story; no two devices of a run have one name. */
  readonly name: string;
  readonly gateway: Gateway;
  /** The internet and the control plane in it. */
  readonly site: Site;
  /** One step in plain words, for whoever watches and for the log. */
  readonly say: (text: string) => void;
  /** Folder of this story's own, for logs; kept when the story fails. */
  readonly directory: string;
}

/** Something that the lab proves of a gateway with real drivers and tools. */
export interface Story {
  /** As the command line takes it. */
  readonly name: string;
  /** What is true when it passes. */
  readonly sentence: string;
  readonly family: Family;
  /** Numbers of the field reports' operations that it proves, such as `1.4`; see docs/field-guide.md. */
  readonly proves: readonly string[];
  /** CI has a quarter of an hour: it tells these. */
  readonly inCi?: true;
  /** The story has failed when it takes longer. */
  readonly boundMs: number;
  run(telling: Telling): Promise<void>;
}
