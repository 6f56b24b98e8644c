import { type Cancel, type Clock, createExclusive, faultCode } from '@towline/kit';
import type { BearerSettings, DialRequest } from '../driver.ts';
import type { ModemFailure, Reading } from '../failure.ts';
import { createListeners } from '../listeners.ts';
import type { Model } from '../models/model.schema.ts';
import { done, failed } from '../operations/modem-link.ts';
import type { HostFiles, ProcessEnd, ProcessRunner, RunningProcess } from '../ports.ts';
import { type DataSession, noSettings } from '../sessions/data-session.ts';
import { isLastWord, isTelling, noLink, type PppdLink, pppdLineRead } from './pppd-log.ts';
import { type PppdFiles, type PppdPlace, pppdFiles, type ScriptOption, scriptOptions } from './pppd-options.ts';
import { refusalOfPppd } from './pppd-refusal.ts';
import { endStalePppd } from './stale-pppd.ts';

export interface PppdSessionParts {
  readonly processes: ProcessRunner;
  readonly files: HostFiles;
  readonly clock: Clock;
  readonly model: Model;
  /** Tty of the dial interface. */
  readonly pppPath: string;
  /** Folder in RAM for the files of pppd. */
  readonly directory: string;
}

export interface PppdSession extends DataSession {
  /** The call ended though nobody hung up. */
  onDrop(listen: (failure: ModemFailure) => void): Cancel;
  /** pppd has made its interface, and has yet to negotiate before it is up: what has to hold from its first packet on can be set now. */
  onInterface(listen: (name: string) => void): Cancel;
}

/** A pppd on its way or up. */
interface Running {
  readonly process: RunningProcess;
  link: PppdLink;
  readonly lines: string[];
  end: ProcessEnd | null;
  /** We ask it to end, or have told of its end already, so that it is no news. */
  leaving: boolean;
}

/** `killall -15`, five looks a second apart, `killall -9`: what the field's scripts do. */
const graceMs = 5_000;
const maxLines = 400;
const maxEvidence = 12;
/** Beyond the dial command itself: LCP, authentication and IPCP give up by themselves before that. */
const negotiationSeconds = 90;

/** IPv4 where it is asked for alone; for both kinds the first that stands, since the other may never come. */
function isUp(link: PppdLink, ipType: DialRequest['ipType']): boolean {
  if (ipType === 'ipv4') return link.local !== null;
  return ipType === 'ipv6' ? link.ipv6 : link.local !== null || link.ipv6;
}

function failureOf({ lines, end: ended }: Running, end: ProcessEnd): ModemFailure {
  const told = lines.filter(isTelling).slice(-maxEvidence);
  const last = end.kind === 'exited' ? `pppd ended with ${end.code}` : `pppd: ${end.kind}`;
  return { code: refusalOfPppd(end, lines), evidence: ended ? [...told, last] : told };
}

const dryRunBounds = { timeoutMs: 5_000, maxOutputBytes: 4_096 } as const;

/** pppd ends with 2 over an option that it does not know; `dryrun` ends it before it does anything (pppd(8)). */
async function knownScripts({ processes, pppPath }: PppdSessionParts): Promise<readonly ScriptOption[]> {
  const known: ScriptOption[] = [];
  for (const option of scriptOptions) {
    const { end } = await processes.run(['pppd', pppPath, option, '/bin/true', 'noauth', 'dryrun'], dryRunBounds);
    if (end.kind === 'exited' && end.code !== 2) known.push(option);
  }
  return known;
}

async function writeFiles({ files, directory }: PppdSessionParts, texts: PppdFiles): Promise<Reading<void>> {
  try {
    await files.write(`${directory}/ppp-options`, texts.options);
    await files.write(`${directory}/ppp-connect`, texts.connect);
    await files.write(`${directory}/ppp-disconnect`, texts.disconnect);
    return done;
  } catch (error) {
    return failed({ code: 'host.not-permitted', evidence: [`${directory}: ${faultCode(error)}`] });
  }
}

/** As pppd ends with after it said so: the exit code of a hang-up, by which the log decides. */
const hungUp: ProcessEnd = { kind: 'exited', code: 16 };

interface Watcher {
  ended(running: Running, end: ProcessEnd): void;
  interfaceMade(name: string): void;
}

function launch(parts: PppdSessionParts, watcher: Watcher): Running {
  const process = parts.processes.start(['pppd', parts.pppPath, 'file', `${parts.directory}/ppp-options`]);
  const running: Running = { process, link: noLink, lines: [], end: null, leaving: false };
  process.onLine((line) => {
    const before = running.link.interface;
    running.link = pppdLineRead(running.link, line);
    if (before === null && running.link.interface !== null) watcher.interfaceMade(running.link.interface);
    running.lines.push(line);
    // The newest tell why it ends.
    if (running.lines.length > maxLines) running.lines.splice(0, maxLines / 2);
    if (isLastWord(line)) watcher.ended(running, hungUp);
  });
  process.onEnd((end) => {
    running.end = end;
    watcher.ended(running, end);
  });
  return running;
}

/** Waits until the link is up, pppd has ended, or the bound is over. */
function awaitLink(running: Running, parts: PppdSessionParts, ipType: DialRequest['ipType']): Promise<Reading<void> | null> {
  const { clock, model } = parts;
  return new Promise((resolve) => {
    const settle = (result: Reading<void> | null): void => {
      for (const cancel of cancels) cancel();
      resolve(result);
    };
    const cancels: Cancel[] = [
      clock.schedule((model.bounds.dial + negotiationSeconds) * 1000, () => settle(null)),
      running.process.onLine(() => {
        if (isUp(running.link, ipType)) settle(done);
      }),
    ];
    cancels.push(running.process.onEnd((end) => settle(failed(failureOf(running, end)))));
  });
}

async function settingsOf({ link }: Running, files: HostFiles): Promise<BearerSettings> {
  const mtu = link.interface === null ? null : await files.read(`/sys/class/net/${link.interface}/mtu`).catch(() => null);
  return {
    addressing: 'ppp',
    interface: link.interface,
    addresses: link.local === null ? [] : [{ address: link.local, prefixLength: 32, gateway: link.remote }],
    dns: link.dns,
    mtu: mtu !== null && /^\d+\s*$/.test(mtu) ? Number(mtu) : null,
  };
}

async function stop(running: Running | null): Promise<void> {
  if (!running || running.end) return;
  running.leaving = true;
  await running.process.stop(graceMs);
}

/**
 * A data session by pppd and chat on the modem's dial port. What it negotiated is read from its own log rather than from an
 * ip-up script: Debian mounts /run noexec, and /etc is flash.
 */
export function createPppdSession(parts: PppdSessionParts): PppdSession {
  const place: PppdPlace = { directory: parts.directory, linkName: `towline-${parts.directory.split('/').at(-1) ?? 'modem'}` };
  const drops = createListeners<ModemFailure>();
  const interfaces = createListeners<string>();
  const turns = createExclusive(8);
  let scripts: readonly ScriptOption[] | null = null;
  let current: Running | null = null;

  function ended(running: Running, end: ProcessEnd): void {
    const wasUp = running.link.local !== null || running.link.ipv6;
    if (running.leaving || !wasUp || current !== running) return;
    running.leaving = true;
    drops.tell(failureOf(running, end));
  }

  async function dial(request: DialRequest): Promise<Reading<void>> {
    scripts ??= await knownScripts(parts);
    const texts = pppdFiles(request, { ...place, scripts }, parts.model);
    if (!texts.ok) return texts;
    await stop(current);
    await endStalePppd(parts, place);
    const written = await writeFiles(parts, texts.value);
    if (!written.ok) return written;
    const running = launch(parts, { ended, interfaceMade: interfaces.tell });
    current = running;
    const up = await awaitLink(running, parts, request.ipType);
    // It read its options long ago, and they hold the password.
    await parts.files.remove(`${parts.directory}/ppp-options`);
    if (up?.ok) return up;
    await stop(running);
    return (
      up ??
      failed({ code: 'ppp.negotiation-failed', evidence: [...running.lines.filter(isTelling).slice(-maxEvidence), '(no link in time)'] })
    );
  }

  return {
    dial: (request) => turns.run(() => dial(request)),
    hangUp: () =>
      turns.run(async () => {
        await stop(current);
        await endStalePppd(parts, place);
        return done;
      }),
    async read() {
      const running = current;
      const up = running !== null && running.end === null && !running.leaving && (running.link.local !== null || running.link.ipv6);
      return { ok: true, value: { active: up, settings: up ? await settingsOf(running, parts.files) : noSettings(null) } };
    },
    close: () => stop(current),
    onDrop: drops.add,
    onInterface: interfaces.add,
  };
}
