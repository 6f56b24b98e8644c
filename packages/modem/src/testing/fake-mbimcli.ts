import type { Argv, ProcessOutcome } from '../ports.ts';
import { exited } from './fake-host.ts';

/** mbimcli 1.28 with a modem behind it, as far as a data session asks. Texts: composed, as the tool prints them before a simulated modem on a PTY. */
export interface FakeMbimcli {
  open: boolean;
  connected: boolean;
  attached: boolean;
  readyState: string;
  registerState: string;
  /** Name of an MBIM status that the next connects get. */
  refuse: string | null;
  /** What the state of the connection tells as network error. */
  networkError: string;
  /** Transactions that were given as the one to go on from. */
  readonly continued: readonly number[];
  answer(argv: Argv): ProcessOutcome;
}

const ipConfiguration = `[/dev/cdc-wdm0] IPv4 configuration available: 'address, gateway, dns, mtu'
     IP [0]: '10.64.9.2/30'
    Gateway: '10.64.9.1'
    DNS [0]: '192.0.2.53'
    DNS [1]: '198.51.100.53'
        MTU: '1430'

[/dev/cdc-wdm0] IPv6 configuration available: 'address, gateway, dns, mtu'
     IP [0]: '2001:db8:64::2/64'
    Gateway: 'fe80::1'
    DNS [0]: '2001:db8::53'
        MTU: '1400'
`;

export function fakeMbimcli(): FakeMbimcli {
  const continued: number[] = [];
  let transaction = 0;
  const failure = (name: string) => exited(1, '', `error: operation failed: ${name}\n`);

  function connectionState(): ProcessOutcome {
    const state = fake.connected ? 'activated' : 'deactivated';
    return exited(
      0,
      `[/dev/cdc-wdm0] Connection status:\n\t      Session ID: '0'\n\tActivation state: '${state}'\n\tVoice call state: 'none'\n` +
        `\t         IP type: 'ipv4'\n\t    Context type: 'internet'\n\t   Network error: '${fake.networkError}'\n`,
    );
  }

  function connect(): ProcessOutcome {
    if (fake.refuse !== null) return failure(fake.refuse);
    fake.connected = true;
    return exited(0, '[/dev/cdc-wdm0] Successfully connected\n\n');
  }

  function disconnect(): ProcessOutcome {
    if (!fake.connected) return failure('ContextNotActivated');
    fake.connected = false;
    return exited(0, '[/dev/cdc-wdm0] Successfully disconnected\n');
  }

  function act(option: string): ProcessOutcome {
    if (option === '--query-subscriber-ready-status')
      return exited(0, `[/dev/cdc-wdm0] Subscriber ready status retrieved:\n\t      Ready state: '${fake.readyState}'\n`);
    if (option === '--query-registration-state')
      return exited(0, `[/dev/cdc-wdm0] Registration status:\n\t        Register state: '${fake.registerState}'\n`);
    if (option === '--query-packet-service-state')
      return exited(0, `[/dev/cdc-wdm0] Packet service status:\n\t  Packet service state: '${fake.attached ? 'attached' : 'detached'}'\n`);
    if (option === '--attach-packet-service') {
      fake.attached = true;
      return exited(0, '[/dev/cdc-wdm0] Successfully attached to packet service\n');
    }
    if (option.startsWith('--connect=')) return connect();
    if (option.startsWith('--disconnect')) return disconnect();
    if (option.startsWith('--query-connection-state')) return connectionState();
    if (!option.startsWith('--query-ip-configuration')) return exited(1, '', 'error: no actions specified\n');
    return fake.connected ? exited(0, ipConfiguration) : failure('ContextNotActivated');
  }

  const fake: FakeMbimcli = {
    open: false,
    connected: false,
    attached: true,
    readyState: 'initialized',
    registerState: 'home',
    refuse: null,
    networkError: 'none',
    continued,
    answer(argv) {
      if (argv[0] !== 'mbimcli') return exited(0);
      const given = argv.find((word) => word.startsWith('--no-open='));
      if (given === undefined) {
        // Opening what is open resets it (MBIM 1.0 clause 9.4.1).
        fake.connected = false;
        fake.open = true;
        transaction = 1;
      } else {
        continued.push(Number(given.split('=')[1]));
        if (!fake.open) return exited(1, '', 'error: operation failed: NotOpened\n');
      }
      transaction += 1;
      const outcome = act(argv.at(-1) ?? '');
      if (argv.includes('--no-close'))
        return { ...outcome, stdout: `${outcome.stdout}[/dev/cdc-wdm0] Session not closed:\n\t    TRID: '${transaction}'\n` };
      fake.open = false;
      fake.connected = false;
      return outcome;
    },
  };
  return fake;
}
