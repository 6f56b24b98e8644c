import type { Cancel, Clock, Log, Random, StopSignal } from '@towline/kit';
import type { HostAbilities, HostFiles, ModemLogEvent, ProcessRunner, SerialPorts } from '@towline/modem';
import type { HostAddress, HostStep, ObservedHost } from '../core/host-network/host-network.ts';
import type { ProbeReport } from '../core/host-network/probe.ts';
import type { TroubleCode } from '../core/reactions.ts';
import type { Conditions, IpFamily } from '../core/transaction/preflight.ts';
import type { UsbDevice } from '../core/usb/usb-device.ts';
import type { Journal } from './storage/journal.ts';

/** What went wrong, with lines that show it. */
interface Trouble {
  readonly code: TroubleCode;
  readonly evidence: readonly string[];
}

/** Everything the agent says in its log. Closed: a new line is a new member. */
export type LogEvent =
  | ModemLogEvent
  | 'agent.started'
  | 'agent.stopped'
  | 'change.unanswered'
  | 'config.refused'
  | 'enrolment.done'
  | 'enrolment.refused'
  | 'enrolment.unreachable'
  | 'job.ended'
  | 'job.started'
  | 'link.closed'
  | 'link.connected'
  | 'link.message-refused'
  | 'link.unreachable'
  | 'link.welcomed'
  | 'modem.decided'
  | 'modem.step'
  | 'modem.trouble'
  | 'reconcile.spinning'
  | 'sms.ignored'
  | 'report.refused'
  | 'store.corrupt'
  | 'store.write-failed'
  | 'target.held'
  | 'target.refused'
  | 'agent.fault';

/** Restarts the host, in order. Resolves once that was asked for: the host goes down in a while. */
export type Reboot = () => Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;

/** One session with a broker. */
export interface Session {
  /** Resolves once the broker has it (PUBACK). @throws Fault `link.closed`. */
  publish(topic: string, payload: string): Promise<void>;
  /** @throws Fault `link.closed` or `link.refused`. */
  subscribe(filter: string): Promise<void>;
  onMessage(listen: (topic: string, payload: string) => void): Cancel;
  /** Anything came from the broker, an answer to a ping included. */
  onHeard(listen: () => void): Cancel;
  /** Called once, with a code. */
  onClose(listen: (code: string) => void): Cancel;
  /** Says goodbye; the will is not sent. */
  close(): Promise<void>;
}

/** A way that leaves the gateway by one bearer, whatever other uplinks there are. */
export interface BearerPath {
  /** Which bearer: another address is another one. */
  readonly bearer: string;
  /** Sockets open from these ports. */
  readonly ports: { readonly first: number; readonly last: number };
  /** The operator's resolvers: names are asked of them, over the bearer. */
  readonly resolvers: readonly string[];
}

export interface SessionRequest {
  /** Left out: as the host's routes say. */
  readonly path?: BearerPath;
  readonly url: string;
  readonly clientId: string;
  readonly username: string;
  /** A secret. */
  readonly password: string;
  readonly keepaliveS: number;
  readonly timeoutMs: number;
  readonly will?: { readonly topic: string; readonly payload: string };
  /** Ends a try that is under way; a session that stands is closed by whoever has it. */
  readonly signal?: StopSignal;
}

/** Opens sessions with a broker. */
export interface Transport {
  /** @throws Fault `link.refused` (credentials) or `link.unreachable`. */
  connect(request: SessionRequest): Promise<Session>;
}

export interface EnrolmentRequest {
  readonly claimToken: string;
  /** The device's own credential. */
  readonly secret: string;
  readonly name: string | null;
  readonly fingerprint: { readonly boardSerial: string | null; readonly imeis: readonly string[] };
}

export type EnrolmentAnswer =
  | { readonly ok: true; readonly tenant: string; readonly device: string; readonly mqttUrl: string }
  /** `refused`: the control plane said no, and why; `unreachable`: it did not say anything that can be believed. */
  | { readonly ok: false; readonly reason: 'refused' | 'unreachable'; readonly code: string };

/** Asks the control plane for an identity. Idempotent by the secret. */
export interface Enrolment {
  /** @param path left out: as the host's routes say */
  enrol(request: EnrolmentRequest, path?: BearerPath): Promise<EnrolmentAnswer>;
}

/** Small named texts that survive a power cut. */
export interface Store {
  /** Null when there is none. @throws Fault `store.read-failed`. */
  read(name: string): Promise<string | null>;
  /** Replaces the whole text or leaves the old one. @throws Fault `store.write-failed`. */
  write(name: string, text: string): Promise<void>;
  /** Keeps an unreadable text for a person and makes way for a fresh one. */
  setAside(name: string): Promise<void>;
  /** Beside the texts: the one that is written before what it announces is begun. */
  readonly journal: Journal;
}

/** What only a cryptography library can do. */
export interface Vault {
  /** SHA-256, hexadecimal. */
  digest(text: string): string;
  /** The first 15 octets of HMAC-SHA-256 over `text`, base64url. @param key in UTF-8 */
  mac(key: string, text: string): string;
  /** Authenticated encryption under a key derived from `secret`: derived once, as that costs more than a document. */
  sealer(secret: string): Seal;
}

/** How a document's text looks on flash. */
export interface Seal {
  close(text: string): string;
  /** Null when it was not closed so, or was damaged. */
  open(stored: string): string | null;
}

/** Fresh names and secrets. */
export interface Ids {
  /** 32 random octets, base64url. */
  secret(): string;
  /** 16 characters. */
  nonce(): string;
  /** 8 characters 0-9 a-z. */
  epoch(): string;
}

/** What the gateway says of itself. */
export interface HostFacts {
  /** Changes with each boot. */
  readonly bootId: string;
  readonly boardSerial: string | null;
  uptimeS(): number;
}

/** A change of the host that was tried. */
export type HostOutcome = { readonly ok: true } | { readonly ok: false; readonly failure: Trouble };

/** What a DHCP server offered and gave. */
export interface OfferedLease {
  readonly address: HostAddress;
  readonly gateway: string | null;
  readonly resolvers: readonly string[];
  /** Octets; null where the server did not say. */
  readonly mtu: number | null;
  readonly leaseS: number;
}

export type LeaseOutcome = { readonly ok: true; readonly lease: OfferedLease } | { readonly ok: false; readonly failure: Trouble };

/** The network of the host, as far as a bearer needs it. Every call ends within a bound of its own. */
export interface HostNetwork {
  /** Null where there is no such interface; `unread` where the host did not say in time. */
  observe(interfaceName: string, slot: number): Promise<ObservedHost | 'unread' | null>;
  apply(step: HostStep): Promise<HostOutcome>;
  /** Asks a DHCP server on an interface that is up; sets nothing. */
  lease(interfaceName: string): Promise<LeaseOutcome>;
  /** Octets since the interface appeared; null where there is none. */
  counters(interfaceName: string): Promise<{ readonly rxBytes: number; readonly txBytes: number } | null>;
}

/** A place on the network. */
export interface Endpoint {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
}

/** What a bearer is probed with. */
export interface ProbeRequest {
  readonly interface: string;
  /** Sockets open from these ports, which binds them to the bearer. */
  readonly ports: { readonly first: number; readonly last: number };
  /** The operator's resolvers. One that is the bearer's own router proves nothing: modules answer from their own cache. */
  readonly resolvers: readonly string[];
  readonly gateways: readonly string[];
  /** Where the control plane is; null where its URL tells no host. */
  readonly endpoint: Endpoint | null;
  /** Address to ping; null: not wanted. */
  readonly ping: string | null;
}

/** Looks whether anything comes back over a bearer, within a bound, and with as few octets as that takes. */
export interface BearerProbe {
  probe(request: ProbeRequest): Promise<ProbeReport>;
}

/** Drivers that a modem waits for. */
export interface BindRequest {
  /** Kernel modules. */
  readonly drivers: readonly string[];
  readonly vidPid: string;
  /** An id that the kernel lists and that has the same interfaces, where it does not list this one; null: it does. */
  readonly like: string | null;
}

/** What of the host a modem's data connection needs. */
export interface HostPorts {
  /** Takes the configuration of one USB device away and gives it back; its ports vanish and return, its place on the bus stays. */
  resetUsb(usbPath: string): Promise<HostOutcome>;
  /** Unbinds the interfaces of one USB device from their drivers and binds them again. */
  reloadDrivers(usbPath: string): Promise<HostOutcome>;
  bindDrivers(request: BindRequest): Promise<HostOutcome>;
  readonly network: HostNetwork;
  readonly probe: BearerProbe;
  readonly processes: ProcessRunner;
  readonly files: HostFiles;
  /** What is installed and what the kernel can; may change while the agent runs. */
  abilities(): HostAbilities;
  /** Directory in RAM that is the agent's own, `/run/towline`. */
  readonly runDirectory: string;
}

/** The USB bus of the host. */
export interface UsbBus {
  /** What is plugged in now. */
  devices(): readonly UsbDevice[];
  /** Something may have come or gone. May miss a change: look again from time to time. */
  onChange(listen: () => void): Cancel;
}

/** What of the host decides whether a change may begin. */
export interface HostConditions {
  read(): Conditions;
  /** Of the addresses that a name has; null: that cannot be told now. Ends within 5 s. */
  familiesOf(name: string): Promise<readonly IpFamily[] | null>;
}

/** Everything that the agent needs of the world. */
export interface AgentPorts {
  readonly serialPorts: SerialPorts;
  readonly transport: Transport;
  readonly enrolment: Enrolment;
  readonly store: Store;
  readonly vault: Vault;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log<LogEvent>;
  readonly hostFacts: HostFacts;
  /** Left out where modems are reached by configured ttys alone. */
  readonly usb?: UsbBus;
  /** Left out with it. */
  readonly host?: HostPorts;
  /** Left out where nothing is known of the host: then nothing in it keeps a change from beginning. */
  readonly conditions?: HostConditions;
  /** Left out where the host is not to be restarted by order. */
  readonly reboot?: Reboot;
}
