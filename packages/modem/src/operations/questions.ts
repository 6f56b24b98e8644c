import { atCommand } from '../at/at-command.ts';
import { atQuestion } from '../at/at-question.ts';
import { parseNetworkScan, type VisibleNetwork } from '../at/replies/network-scan-reply.ts';
import type { Reading } from '../failure.ts';
import { failed, type ModemLink } from './modem-link.ts';

/** BG96's manual says 180 s; ModemManager waits 300 s for any modem. */
const scanSeconds = 300;
/** Some questions look into the card. */
const questionSeconds = 30;
const scan = atCommand('AT+COPS=?');

/** What a person asks a modem. Nothing here changes any setting. */
export interface Questions {
  /** Takes minutes, and the bearer may be down meanwhile. */
  scanNetworks(): Promise<Reading<readonly VisibleNetwork[]>>;
  /** A question as `atQuestion` lets it through; the lines of its answer. */
  ask(text: string): Promise<Reading<readonly string[]>>;
}

export function createQuestions(link: ModemLink): Questions {
  return {
    async scanNetworks() {
      const reply = await link.ask(scan, scanSeconds);
      if (!reply.ok) return reply;
      const networks = parseNetworkScan(reply.value);
      return networks ? { ok: true, value: networks } : failed({ code: 'at.unparsable', evidence: reply.value.slice(0, 8) });
    },
    ask: (text) => link.ask(atQuestion(text), questionSeconds),
  };
}
