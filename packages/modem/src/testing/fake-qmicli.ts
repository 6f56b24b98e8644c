import type { Argv, ProcessOutcome } from '../ports.ts';
import { exited } from './fake-host.ts';

interface Client {
  readonly cid: number;
  call: { readonly handle: number; readonly family: string } | null;
}

/** qmicli 1.32 with a modem behind it, as far as a data session asks. Texts: composed, as the tool prints them before a simulated modem on a PTY. */
export interface FakeQmicli {
  readonly clients: readonly Client[];
  linkLayer: string;
  /** Answers the next calls instead of a network: text of standard error after `couldn't start network`. */
  refuse: ((family: string) => string | null) | null;
  /** Whether the modem lets its data format be changed. */
  stubborn: boolean;
  /** The network ends a call by itself. */
  drop(family: string): void;
  answer(argv: Argv): ProcessOutcome;
}

const settings: Readonly<Record<string, string>> = {
  '4': `[/dev/cdc-wdm0] Current settings retrieved:
           IP Family: IPv4
        IPv4 address: 10.64.9.2
    IPv4 subnet mask: 255.255.255.252
IPv4 gateway address: 10.64.9.1
    IPv4 primary DNS: 192.0.2.53
  IPv4 secondary DNS: 198.51.100.53
                 MTU: 1430
             Domains: none
`,
  '6': `[/dev/cdc-wdm0] Current settings retrieved:
           IP Family: IPv6
        IPv6 address: 2001:db8:64::2/64
IPv6 gateway address: 2001:db8:64::1/64
    IPv6 primary DNS: 2001:db8::53
  IPv6 secondary DNS: 2001:db8::54
                 MTU: 1400
             Domains: none
`,
};

const refusal = (number: number, name: string): string => `QMI protocol error (${number}): '${name}'`;

export function fakeQmicli(): FakeQmicli {
  const clients: Client[] = [];
  let nextCid = 17;

  function start(client: Client, option: string): ProcessOutcome {
    const family = /ip-type=(\d)/.exec(option)?.[1] ?? '4';
    const refused = fake.refuse?.(family) ?? null;
    if (refused !== null) return exited(1, '', `error: couldn't start network: ${refused}\n`);
    client.call = { handle: 2_267_152_000 + client.cid, family };
    return exited(0, `[/dev/cdc-wdm0] Network started\n\tPacket data handle: '${client.call.handle}'\n`);
  }

  function stop(client: Client, option: string): ProcessOutcome {
    if (option.endsWith('=disable-autoconnect')) {
      return exited(1, '', `error: couldn't stop network: ${refusal(26, 'NoEffect')}\n`);
    }
    if (option !== `--wds-stop-network=${client.call?.handle}`)
      return exited(1, '', `error: couldn't stop network: ${refusal(9, 'InvalidHandle')}\n`);
    client.call = null;
    return exited(0, '[/dev/cdc-wdm0] Network stopped\n');
  }

  function act(client: Client, option: string): ProcessOutcome {
    if (option === '--wda-get-data-format')
      return exited(0, `[/dev/cdc-wdm0] Successfully got data format\n   Link layer protocol: '${fake.linkLayer}'\n`);
    if (option.startsWith('--wda-set-data-format')) {
      if (fake.stubborn) return exited(1, '', `error: couldn't set data format: ${refusal(94, 'NotSupported')}\n`);
      fake.linkLayer = option.split('=').at(-1) ?? '';
      return exited(0);
    }
    if (option.startsWith('--wds-start-network')) return start(client, option);
    if (option.startsWith('--wds-stop-network')) return stop(client, option);
    if (option === '--wds-get-packet-service-status') {
      return exited(0, `[/dev/cdc-wdm0] Connection status: '${client.call ? 'connected' : 'disconnected'}'\n`);
    }
    if (option !== '--wds-get-current-settings') return exited(0);
    const text = settings[client.call?.family ?? ''];
    return text === undefined ? exited(1, '', `error: couldn't get current settings: ${refusal(15, 'OutOfCall')}\n`) : exited(0, text);
  }

  function clientFor(argv: Argv): Client | null {
    const given = argv.find((word) => word.startsWith('--client-cid='));
    if (given !== undefined) return clients.find((client) => client.cid === Number(given.split('=')[1])) ?? null;
    const client: Client = { cid: nextCid, call: null };
    nextCid += 1;
    clients.push(client);
    return client;
  }

  const fake: FakeQmicli = {
    clients,
    linkLayer: 'raw-ip',
    refuse: null,
    stubborn: false,
    drop(family) {
      for (const client of clients) if (client.call?.family === family) client.call = null;
    },
    answer(argv) {
      if (argv[0] !== 'qmicli') return exited(0);
      if (argv.includes('--device-open-sync')) clients.length = 0;
      const client = clientFor(argv);
      if (client === null) return exited(1, '', `error: couldn't do it: ${refusal(7, 'InvalidClientId')}\n`);
      const outcome = act(client, argv.at(-1) ?? '');
      if (!argv.includes('--client-no-release-cid')) {
        clients.splice(clients.indexOf(client), 1);
        return outcome;
      }
      const kept = `[/dev/cdc-wdm0] Client ID not released:\n\tService: 'wds'\n\t    CID: '${client.cid}'\n`;
      return { ...outcome, stdout: outcome.stdout + kept };
    },
  };
  return fake;
}
