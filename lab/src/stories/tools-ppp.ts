import { untilRegistered } from '../gateway/at-tty.ts';
import { claim, must, ping } from '../gateway/expect.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { ttyOf } from '../gateway/usb-in-guest.ts';
import type { Guest } from '../guest/guest.ts';
import { waitFor } from '../patience.ts';
import type { Story } from './story.ts';

interface DialPorts {
  readonly modem: ModemName;
  readonly at: number;
  readonly dial: number;
}

/** By hand from modem-facts. */
const ports: readonly DialPorts[] = [
  { modem: 'bg96', at: 2, dial: 3 },
  { modem: 'ec200a', at: 3, dial: 4 },
  { modem: 'ec25', at: 2, dial: 3 },
];

/** The options of report 1.6, with its connect and disconnect chat. `defaultroute` is left out: Ethernet stays the gateway's uplink. */
const peer = (tty: string) => `${tty} 115200
user "gateway"
password "any"
connect 'chat -s -v -f /etc/ppp/quectel-chat-connect'
disconnect 'chat -s -v -f /etc/ppp/quectel-chat-disconnect'
hide-password
noauth
debug
noipdefault
novj
novjccomp
noccp
ipcp-accept-local
ipcp-accept-remote
local
lock
modem
dump
nodetach
nocrtscts
remotename 3gppp
ipparam 3gppp
ipcp-max-failure 30
usepeerdns
`;

const connectChat = `ABORT "BUSY"
ABORT "NO CARRIER"
ABORT "NO DIALTONE"
ABORT "ERROR"
ABORT "NO ANSWER"
TIMEOUT 30
"" AT
OK ATE0
OK ATI;+CSUB;+CSQ;+CPIN?;+COPS?;+CGREG?;&D2
OK AT+CGDCONT=1,"IP","${accessPoints.internet}",,0,0
OK ATD*99#
CONNECT
`;

const disconnectChat = `ABORT OK
ABORT BUSY
ABORT DELAYED
ABORT "NO ANSWER"
SAY "\\nSending break to the modem\\n"
"" +++
"" +++
"" +++
SAY "\\nGoodbye\\n"
`;

/** Report 1.6: the resolvers that the peer names go where programs look for them. */
const ipUp = `#!/bin/sh
if [ -f /etc/ppp/resolv.conf ]; then cp /etc/ppp/resolv.conf /etc/resolv.conf
elif [ -f /var/run/ppp/resolv.conf ]; then cp /var/run/ppp/resolv.conf /etc/resolv.conf
else { [ -n "$DNS1" ] && echo "nameserver $DNS1"; [ -n "$DNS2" ] && echo "nameserver $DNS2"; } > /etc/resolv.conf; fi
`;

async function writeFiles(guest: Guest, tty: string): Promise<void> {
  await must(guest, ['mkdir', '-p', '/etc/ppp/peers']);
  const files = {
    'peers/quectel-ppp': peer(tty),
    'quectel-chat-connect': connectChat,
    'quectel-chat-disconnect': disconnectChat,
    'ip-up': ipUp,
  };
  for (const [name, text] of Object.entries(files)) await guest.write(`/etc/ppp/${name}`, text);
  await must(guest, ['chmod', 'a+x', '/etc/ppp/ip-up']);
}

/** Report 1.7: TERM, five looks a second apart, then KILL. */
const killScript = `killall -15 pppd; for n in 1 2 3 4 5; do sleep 1; killall -0 pppd 2>/dev/null || exit 0; done; killall -9 pppd; exit 3`;

const addressOf = (lines: readonly string[], whose: 'local' | 'remote') =>
  lines.map((line) => new RegExp(`${whose}\\s+IP address (\\S+)`).exec(line)?.[1]).find((address) => address !== undefined) ?? null;

const story = ({ modem, at, dial }: DialPorts): Story => ({
  name: `tools-${modem}-ppp`,
  sentence: `With the files of report 1, pppd and chat dial ${modem}'s modem port, get address and resolvers, and ping gets an answer; its way to end pppd ends it.`,
  family: modemKinds[modem].family,
  proves: modem === 'ec200a' ? ['1.6', '1.7'] : [],
  boundMs: 240_000,
  async run({ gateway, say }) {
    const { guest } = gateway;
    const { usbPath } = await gateway.layOne({ name: modem, plugged: true });
    await untilRegistered(guest, await ttyOf(guest, usbPath, at));
    await writeFiles(guest, await ttyOf(guest, usbPath, dial));
    const lines: string[] = [];
    const pppd = guest.start(['pppd', 'call', 'quectel-ppp'], (line) => lines.push(line));
    const remote = await waitFor('an address from the peer', () => addressOf(lines, 'remote'), { timeoutMs: 60_000 }).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}: ${lines.slice(-15).join(' | ')}`);
      },
    );
    say(`ppp0: ${addressOf(lines, 'local')} to ${remote}`);
    await ping(guest, remote, 'ppp0');
    const noted = await waitFor(
      'the resolvers',
      async () => /nameserver (\S+)/.exec((await guest.read('/etc/resolv.conf')) ?? '')?.[1] ?? null,
    );
    say(`resolver ${noted}; the peer answers echoes`);
    await must(guest, ['bash', '-c', killScript]);
    const { code } = await pppd.ended;
    claim('pppd says that it was told to end (5)', code === 5, String(code));
    say('ended by TERM');
  },
});

export const toolsPppStories: readonly Story[] = ports.map(story);
