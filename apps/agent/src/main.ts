import { parseArgs } from 'node:util';
import { faultText } from '@towline/kit';
import { createNodeHostFiles, createNodeProcessRunner, createNodeSerialPorts } from '@towline/modem/node';
import {
  bindDrivers,
  claimedSerialPorts,
  dropStaleResolvers,
  fileStore,
  hostClaims,
  hostReboot,
  httpEnrolment,
  jsonLog,
  linuxConditions,
  linuxHostAbilities,
  linuxHostFacts,
  linuxHostNetwork,
  linuxUsbBus,
  mqttTransport,
  nodeIds,
  nodeRandom,
  nodeVault,
  openRunDirectory,
  pinnedProbe,
  reloadDrivers,
  stateClaimName,
  systemClock,
  ttyClaimName,
  type UsbReset,
  usbReset,
  volatilityHere,
} from './adapters/index.ts';
import type { AgentConfig } from './config/agent-config.ts';
import { type Complaint, examineHolders, examineHost, examineState, examineUsb, type Holders, loadConfig } from './config/load-config.ts';
import { foundModems } from './core/usb/found-modem.ts';
import { createAgent } from './runtime/create-agent.ts';
import type { HostPorts } from './runtime/ports.ts';
import { agentVersion } from './version.ts';

const usage = `usage: towline-agent run|check|version [--config FILE]
  run      keep the modems of this gateway as the control plane wants them
  check    say whether the configuration and this host are fit for it
  version  print the version
The file is /etc/towline/agent.json unless --config or TOWLINE_CONFIG names another.
`;

const runDirectory = '/run/towline';
const files = createNodeHostFiles();
const claims = hostClaims();
const holderOf = (name: string | null) => (name === null ? null : claims.holder(name));
const holders: Holders = { state: (path) => holderOf(stateClaimName(path)), tty: (path) => holderOf(ttyClaimName(path)) };

function complain(complaints: readonly Complaint[]): void {
  for (const { path, problem, remedy } of complaints) process.stderr.write(`${path}: ${problem}; ${remedy}\n`);
}

function check(path: string): number {
  const reading = loadConfig(path, process.env);
  const found = foundModems(linuxUsbBus().devices());
  const complaints = reading.ok
    ? [
        ...examineHost(reading.config),
        ...examineState(reading.config, volatilityHere(reading.config.stateDir)),
        ...examineUsb(reading.config, found),
        ...examineHolders(reading.config, holders),
      ]
    : reading.complaints;
  for (const { usbPath, product, vidPid, atPaths, netInterface } of found)
    process.stdout.write(
      `USB ${usbPath}: ${product} (${vidPid}), AT on ${atPaths.join(' or ') || 'no port'}, network ${netInterface ?? 'none'}\n`,
    );
  complain(complaints);
  if (complaints.length === 0) process.stdout.write(`${path}: good\n`);
  return complaints.length === 0 ? 0 : 1;
}

function run(path: string): number | null {
  const reading = loadConfig(path, process.env);
  if (!reading.ok) {
    complain(reading.complaints);
    return 1;
  }
  const taken = takeState(reading.config);
  if (taken.length > 0) {
    complain(taken);
    return 1;
  }
  void keepRunning(reading.config);
  return null;
}

/** Claims the state directory for as long as this process lives, and looks who has the ttys. */
function takeState(config: AgentConfig): readonly Complaint[] {
  const name = stateClaimName(config.stateDir);
  // A directory that cannot be had is told by the store: a device that cannot keep anything still obeys.
  const claiming = name === null ? null : claims.claim(name);
  return examineHolders(config, { ...holders, state: () => (claiming?.ok === false ? claiming.pid : null) });
}

function hostPorts({ stateDir }: AgentConfig, usbResets: UsbReset): HostPorts {
  const processes = createNodeProcessRunner();
  const network = linuxHostNetwork({ processes, files, runDirectory, stateDirectory: stateDir });
  const abilities = linuxHostAbilities(systemClock);
  return {
    network,
    probe: pinnedProbe(processes),
    processes,
    files,
    runDirectory,
    abilities,
    bindDrivers: (request) => bindDrivers({ processes, files }, request),
    resetUsb: (usbPath) => usbResets.reset(usbPath),
    reloadDrivers: (usbPath) => reloadDrivers({ files }, usbPath),
  };
}

async function keepRunning(config: AgentConfig): Promise<void> {
  // Whoever reads the log may go away (journald restarts); the link stays.
  process.stdout.on('error', () => {});
  const usbResets = usbReset({ files, clock: systemClock, random: nodeRandom, runDirectory });
  openRunDirectory(runDirectory);
  dropStaleResolvers(runDirectory);
  await usbResets.makeGood();
  const agent = createAgent({
    config,
    ports: {
      serialPorts: claimedSerialPorts(createNodeSerialPorts(), claims),
      transport: mqttTransport,
      enrolment: httpEnrolment(config.controlPlane.url),
      store: fileStore(config.stateDir),
      vault: nodeVault,
      ids: nodeIds,
      clock: systemClock,
      random: nodeRandom,
      log: jsonLog((line) => process.stdout.write(line)),
      hostFacts: linuxHostFacts(config.boardSerialFile),
      conditions: linuxConditions(config),
      usb: linuxUsbBus({ ttys: (config.modems ?? []).flatMap(({ atPort }) => atPort ?? []) }),
      host: hostPorts(config, usbResets),
      ...(config.reboot ? { reboot: hostReboot(createNodeProcessRunner(), config.reboot) } : {}),
    },
  });
  const end = () => void agent.stop().then(() => process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
  // Only where a parent opened a channel, as the demo does: it is gone, and nobody else would end us.
  process.once('disconnect', end);
  try {
    // systemd starts it again; a known bearer stays up meanwhile.
    void agent.failed.then(() => process.exit(1));
    await agent.start();
  } catch (error) {
    process.stderr.write(`the agent cannot start: ${faultText(error)}\n`);
    process.exit(1);
  }
}

function main(): number | null {
  const { values, positionals } = parseArgs({ allowPositionals: true, strict: false, options: { config: { type: 'string' } } });
  const path = typeof values.config === 'string' ? values.config : (process.env.TOWLINE_CONFIG ?? '/etc/towline/agent.json');
  const [command, ...rest] = positionals;
  if (rest.length === 0 && command === 'run') return run(path);
  if (rest.length === 0 && command === 'check') return check(path);
  if (rest.length === 0 && command === 'version') {
    process.stdout.write(`${agentVersion}\n`);
    return 0;
  }
  process.stderr.write(usage);
  return 2;
}

const status = main();
if (status !== null) process.exitCode = status;
