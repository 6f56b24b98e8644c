import { atDial } from '../at/at-command.ts';
import type { DialRequest } from '../driver.ts';
import type { Reading } from '../failure.ts';
import type { Model } from '../models/model.schema.ts';
import { failed } from '../operations/modem-link.ts';

export interface PppdFiles {
  /** Options of pppd; holds the password. */
  readonly options: string;
  /** Script of chat(8) that dials. */
  readonly connect: string;
  /** Script of chat(8) that hangs up. */
  readonly disconnect: string;
}

export interface PppdPlace {
  /** Folder of the three files, `/run/towline/<modem>`. */
  readonly directory: string;
  /** Names the process: pppd writes its number to `/run/ppp-<name>.pid`. */
  readonly linkName: string;
}

export interface PppdHost extends PppdPlace {
  /** Those that this host's pppd knows. */
  readonly scripts: readonly ScriptOption[];
}

/** pppd reads a backslash as an escape and a quote as an end. */
const credential = /^[\x20-\x21\x23-\x5b\x5d-\x7e]{0,127}$/;

/**
 * Of a peers file for a 3GPP modem (Quectel's quectel-ppp and its like), with four differences: routes and DNS are the agent's, who
 * must not lose another uplink; none of the host's scripts runs, as far as pppd lets itself be told; log and process stay with us; and a dead
 * peer is noticed.
 * LCP and IPCP give up after 10 requests of 3 s each; an echo every 10 s finds a dead peer within 40 s.
 */
const fixed: readonly string[] = [
  '115200',
  'nodetach',
  'logfd 1',
  'debug',
  'hide-password',
  'noauth',
  'nodefaultroute',
  'noipdefault',
  'novj',
  'novjccomp',
  'noccp',
  'nocrtscts',
  'local',
  'lock',
  'modem',
  'ipcp-accept-local',
  'ipcp-accept-remote',
  'ipcp-max-failure 30',
  'usepeerdns',
  'remotename 3gppp',
  'ip-up-script /bin/true',
  'ip-down-script /bin/true',
  'lcp-restart 3',
  'lcp-max-configure 10',
  'lcp-echo-interval 10',
  'lcp-echo-failure 4',
  // Only while nothing else comes: the echoes cost data.
  'lcp-echo-adaptive',
  'maxfail 1',
];

const families: Readonly<Record<DialRequest['ipType'], readonly string[]>> = {
  ipv4: ['noipv6'],
  // The network gives the interface identifier (3GPP TS 29.061 clause 11.2.1.3.2), and its own.
  ipv6: ['noip', '+ipv6', 'ipv6cp-accept-local', 'ipv6cp-accept-remote'],
  ipv4v6: ['+ipv6', 'ipv6cp-accept-local', 'ipv6cp-accept-remote'],
};

const refusals: Readonly<Record<DialRequest['auth'], readonly string[]>> = {
  none: [],
  pap: ['refuse-chap', 'refuse-mschap', 'refuse-mschap-v2', 'refuse-eap'],
  chap: ['refuse-pap', 'refuse-mschap', 'refuse-mschap-v2', 'refuse-eap'],
};

/** Options by which a pppd is told of other scripts than those of /etc/ppp. 2.4.9 has none of them, except where a distribution adds one. */
export const scriptOptions = ['ip-pre-up-script', 'ipv6-up-script', 'ipv6-down-script'] as const;
export type ScriptOption = (typeof scriptOptions)[number];

/** Many modems ask for a name whatever the network wants and take any; pppd refuses to answer without one. */
const anybody = { username: 'towline', password: 'towline' };

function options(request: DialRequest, { directory, linkName, scripts }: PppdHost): string {
  const { username = '', password = '' } = request.auth === 'none' ? anybody : request;
  const lines = [
    ...fixed,
    ...scripts.map((option) => `${option} /bin/true`),
    ...families[request.ipType],
    ...refusals[request.auth],
    `user "${username}"`,
    `password "${password}"`,
    `linkname ${linkName}`,
    `ipparam ${linkName}`,
    // pppd hands these two to a shell: they hold nothing but our own path.
    `connect "/usr/sbin/chat -s -v -f ${directory}/ppp-connect"`,
    `disconnect "/usr/sbin/chat -s -v -f ${directory}/ppp-disconnect"`,
  ];
  return `${lines.join('\n')}\n`;
}

function connect(dial: string, model: Model): string {
  const aborts = ['BUSY', 'NO CARRIER', 'NO DIALTONE', 'NO ANSWER', 'ERROR'].map((reply) => `ABORT '${reply}'`);
  const lines = [...aborts, `TIMEOUT ${model.bounds.command}`, "'' AT", 'OK ATE0', 'OK AT&D2'];
  return `${[...lines, `TIMEOUT ${model.bounds.dial}`, `OK ${dial}`, "CONNECT '\\c'"].join('\n')}\n`;
}

/** The escape with its guard time of a second on both sides (V.250 clause 5.7); dropping DTR does the same where it is wired. */
const disconnect = "ABORT 'ERROR'\nTIMEOUT 2\n'' \\d+++\\d\\c\n'' ATH\n";

/** The files of one call. The context holds the APN: `writeContext` wrote it, and the dial string names it. */
export function pppdFiles(request: DialRequest, place: PppdHost, model: Model): Reading<PppdFiles> {
  const dial = atDial(request.contextId);
  if (!dial.ok) return dial;
  const { username = '', password = '' } = request;
  if (!credential.test(username) || !credential.test(password)) {
    return failed({ code: 'value.refused', evidence: ['pppd cannot carry this user name or password'] });
  }
  if (!/^\/[\w./-]{1,128}$/.test(place.directory) || !/^[\w.-]{1,32}$/.test(place.linkName)) {
    return failed({ code: 'value.refused', evidence: ['no folder or name for pppd'] });
  }
  return { ok: true, value: { options: options(request, place), connect: connect(dial.value.text, model), disconnect } };
}
