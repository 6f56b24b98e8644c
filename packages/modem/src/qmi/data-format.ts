import { faultCode } from '@towline/kit';
import type { Reading } from '../failure.ts';
import { done, failed } from '../operations/modem-link.ts';
import type { Argv, HostFiles, ProcessRunner } from '../ports.ts';
import { runTool } from '../sessions/host-tool.ts';
import type { QmiPort } from './qmi-port.ts';
import type { LinkLayer } from './qmicli-command.ts';
import { parseDataFormat } from './qmicli-replies.ts';

export interface DataFormats {
  /** What the modem sends (WDA); null where it cannot tell. */
  readonly modem: LinkLayer | null;
  /** What `qmi_wwan` expects (sysfs `qmi/raw_ip`); null before kernel 4.5, which knows Ethernet frames only. */
  readonly host: LinkLayer | null;
  readonly rawIpMandatory: boolean;
}

export interface FormatPlan {
  /** To be asked of the modem; null: it is as it should be. */
  readonly modem: LinkLayer | null;
  /** To be written to sysfs. */
  readonly host: LinkLayer | null;
}

/**
 * Both sides must agree, or a session comes up that carries nothing (OpenWrt PR 2720, systemd 27219). Raw IP wherever the
 * kernel has it: some modems speak nothing else, and every one speaks it.
 */
export function planDataFormat({ modem, host, rawIpMandatory }: DataFormats): FormatPlan {
  if (host === null) return { modem: modem === 'raw-ip' ? '802-3' : null, host: null };
  const wanted = modem === null && !rawIpMandatory ? host : 'raw-ip';
  return { modem: modem === null || modem === wanted ? null : wanted, host: host === wanted ? null : wanted };
}

export interface DataFormatParts {
  readonly port: QmiPort;
  readonly processes: ProcessRunner;
  readonly files: HostFiles;
  readonly netInterface: string;
  readonly rawIpMandatory: boolean;
}

const hostFormats: Readonly<Record<LinkLayer, string>> = { 'raw-ip': 'Y', '802-3': 'N' };
const linkSeconds = 10;

async function link(processes: ProcessRunner, netInterface: string, state: 'up' | 'down'): Promise<Reading<void>> {
  const argv: Argv = ['ip', 'link', 'set', 'dev', netInterface, state];
  const reply = await runTool(processes, { argv, secrets: [] }, linkSeconds);
  if (!reply.ok) return reply;
  return reply.value.exitCode === 0 ? done : failed({ code: 'host.not-permitted', evidence: [argv.join(' '), reply.value.text.trim()] });
}

/** The kernel takes the new format only while the link is down (qmi_wwan.c, raw_ip_store). */
async function writeHostFormat(parts: DataFormatParts, path: string, format: LinkLayer): Promise<Reading<void>> {
  const down = await link(parts.processes, parts.netInterface, 'down');
  if (!down.ok) return down;
  const written = await writeFormat(parts.files, path, format);
  // In any case: a link that stays down would outlast the reason why.
  const up = await link(parts.processes, parts.netInterface, 'up');
  return written.ok ? up : written;
}

async function writeFormat(files: HostFiles, path: string, format: LinkLayer): Promise<Reading<void>> {
  try {
    await files.write(path, hostFormats[format]);
    return done;
  } catch (error) {
    return failed({ code: 'host.not-permitted', evidence: [`${path} takes no ${hostFormats[format]}: ${faultCode(error)}`] });
  }
}

async function readHostFormat(files: HostFiles, path: string): Promise<LinkLayer | null> {
  const text = await files.read(path).catch(() => null);
  if (text === null) return null;
  return text.trim() === 'Y' ? 'raw-ip' : '802-3';
}

async function readModemFormat(port: QmiPort): Promise<Reading<LinkLayer | null>> {
  const reply = await port({ kind: 'get-data-format' });
  if (!reply.failure) return { ok: true, value: parseDataFormat(reply.text) };
  // Old firmware has no WDA service; only a port that does not answer at all is a reason to stop.
  return reply.failure.code === 'control.rejected' ? { ok: true, value: null } : { ok: false, failure: reply.failure };
}

/** Makes modem and kernel agree on how packets stand on the wire. */
export async function agreeOnDataFormat(parts: DataFormatParts): Promise<Reading<void>> {
  const path = `/sys/class/net/${parts.netInterface}/qmi/raw_ip`;
  const host = await readHostFormat(parts.files, path);
  const modem = await readModemFormat(parts.port);
  if (!modem.ok) return modem;
  const plan = planDataFormat({ modem: modem.value, host, rawIpMandatory: parts.rawIpMandatory });
  if (plan.modem !== null) {
    await parts.port({ kind: 'set-data-format', linkLayer: plan.modem });
    const now = await readModemFormat(parts.port);
    if (!now.ok) return now;
    if (now.value !== plan.modem) return settleFor(parts, path, { ...parts, modem: now.value, host });
  }
  return plan.host === null ? done : writeHostFormat(parts, path, plan.host);
}

/** The modem stays with its own format: the host follows where it can. */
async function settleFor(parts: DataFormatParts, path: string, { modem, host }: DataFormats): Promise<Reading<void>> {
  if (host === null) return failed({ code: 'host.no-raw-ip', evidence: [`${path} does not exist, and the modem speaks raw IP only`] });
  if (modem === null || modem === host) return done;
  return writeHostFormat(parts, path, modem);
}
