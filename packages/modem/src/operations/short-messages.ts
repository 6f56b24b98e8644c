import { atCommand, atSet } from '../at/at-command.ts';
import { parseMemories, parseStoredMessages, type StoredMessage } from '../at/replies/short-message-replies.ts';
import type { Reading } from '../failure.ts';
import { acknowledged, done, type ModemLink } from './modem-link.ts';

/** What comes in by SMS; nothing is ever sent. */
export interface ShortMessages {
  /** What lies in the memory that messages come into. At most what one reply holds; delete, and read again. */
  read(): Promise<Reading<readonly StoredMessage[]>>;
  /** Makes room: a memory that is full takes nothing more from the network. */
  remove(index: number): Promise<Reading<void>>;
}

/** A card of slow clock needs a while for a whole memory. */
const listSeconds = 20;
const deleteSeconds = 10;

const pduMode = atCommand('AT+CMGF=0');
/** Kept in memory and told by `+CMTI` (TS 27.005 clause 3.4.1); some firmware takes no more than the first two. */
const indications = [atCommand('AT+CNMI=2,1,0,0,0'), atCommand('AT+CNMI=2,1'), atCommand('AT+CNMI=1,1')];
/** Every state: read, unread, and what somebody else left there. */
const list = atCommand('AT+CMGL=4');

async function indicate(link: ModemLink): Promise<Reading<void>> {
  let last: Reading<void> = done;
  for (const command of indications) {
    last = acknowledged(await link.ask(command));
    if (last.ok) return last;
  }
  return last;
}

/** Reads from where messages come in. What the modem does not tell is left as it is. */
async function readWhereTheyCome(link: ModemLink): Promise<Reading<void>> {
  const memories = await link.ask(atCommand('AT+CPMS?'));
  const parsed = memories.ok ? parseMemories(memories.value) : null;
  if (!parsed || parsed.read === parsed.received) return done;
  return acknowledged(await link.ask(atSet('+CPMS', { kind: 'keyword', value: parsed.received })));
}

/** TS 27.005. Set up at the first reading of a driver, since none of it survives a reset of the modem. */
export function createShortMessages(link: ModemLink): ShortMessages {
  let ready = false;
  async function prepare(): Promise<Reading<void>> {
    for (const step of [() => link.ask(pduMode), () => indicate(link), () => readWhereTheyCome(link)]) {
      const result = await step();
      if (!result.ok) return result;
    }
    ready = true;
    return done;
  }
  return {
    async read() {
      const prepared = ready ? done : await prepare();
      if (!prepared.ok) return prepared;
      const listed = await link.ask(list, listSeconds);
      return listed.ok ? { ok: true, value: parseStoredMessages(listed.value) } : listed;
    },
    async remove(index) {
      return acknowledged(await link.ask(atSet('+CMGD', { kind: 'number', value: index, min: 0, max: 65_535 }), deleteSeconds));
    },
  };
}
