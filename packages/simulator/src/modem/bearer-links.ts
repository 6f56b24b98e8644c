import type { CoreAttachment } from '../core-network/core-network.ts';
import type { IpLink } from '../link/ip-link.ts';
import type { OperatorNetwork } from '../network/operator-network.ts';
import type { BehaviourSet } from './behaviour.ts';
import type { ActiveBearer } from './modem-state.ts';

interface OpenLink {
  readonly bearer: ActiveBearer;
  readonly link: IpLink;
  readonly attachment: CoreAttachment | null;
}

export interface BearerLinksParts {
  readonly network: OperatorNetwork;
  readonly behaviours: BehaviourSet;
  /** The bearer that is active on a context now. */
  active(contextId: number): ActiveBearer | undefined;
}

/** The packet sides of a modem's bearers. A bearer is attached to the core only once somebody wants its packets. */
export class BearerLinks {
  readonly #parts: BearerLinksParts;
  // Not allocated before it is needed: ten thousand modems live in one process.
  #open: Map<number, OpenLink> | null = null;

  constructor(parts: BearerLinksParts) {
    this.#parts = parts;
  }

  /** The link of the bearer that is active on this context; it ends with that bearer, for good. */
  of(contextId: number): IpLink | null {
    const bearer = this.#parts.active(contextId);
    if (!bearer) return null;
    const known = this.#open?.get(contextId);
    if (known?.bearer === bearer) return known.link;
    known?.attachment?.close();
    const attachment = this.#parts.network.connect(bearer.grant);
    const link = this.#makeLink(attachment);
    this.#open ??= new Map();
    this.#open.set(contextId, { bearer, link, attachment });
    return link;
  }

  /** Ends the links of bearers that are gone. */
  settle(): void {
    for (const [contextId, { bearer, attachment }] of this.#open ?? []) {
      if (this.#parts.active(contextId) === bearer) continue;
      attachment?.close();
      this.#open?.delete(contextId);
    }
  }

  #makeLink(attachment: CoreAttachment | null): IpLink {
    const swallowed = (): boolean => this.#parts.behaviours.find('black-hole') !== undefined;
    return {
      send(packet) {
        if (!swallowed()) attachment?.send(packet);
      },
      onPacket(listen) {
        const deliver = (packet: Uint8Array): void => {
          if (!swallowed()) listen(packet);
        };
        return attachment?.onPacket(deliver) ?? (() => undefined);
      },
    };
  }
}
