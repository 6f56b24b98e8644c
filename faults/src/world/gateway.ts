import { type Agent, type AgentPorts, agentConfigSchema, createAgent, type Ids, type LogEvent } from '@towline/agent';
import { diskStore } from '@towline/agent/testing';
import { faultText, type LogFields, type Random, seededRandom } from '@towline/kit';
import { type SimulatedModem, type SimulatedTool, simulatedMbimcli, simulatedQmicli } from '@towline/simulator';
import { type NetworkParts, transportOf } from './broker.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Flash } from './faulty-disk.ts';
import { hostPortsOf } from './host-side.ts';
import { Kernel } from './kernel.ts';
import type { OperatorCore } from './operator-core.ts';
import type { Points } from './points.ts';
import { ProcessLife } from './process-life.ts';
import { serialPortsOf } from './serial-side.ts';
import { ModemBus, netInterfaceOf } from './usb.ts';
import { countedIds, worldVault } from './vault-and-ids.ts';
import type { WorldClock } from './world-clock.ts';

/** What is taken from the agent, to show that a world would notice. */
export type Twin = 'no-file-sync' | 'no-directory-sync' | 'no-read-back' | 'no-pinning' | 'no-boot-check';

export interface GatewayParts {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly points: Points;
  readonly modem: SimulatedModem;
  readonly core: OperatorCore;
  readonly controlPlane: ControlPlane;
  readonly flash: Flash;
  readonly hasLifeline: boolean;
  readonly twin: Twin | null;
  /** One line of the agent's log, for who wants to read along. */
  readonly log: (line: string) => void;
}

/** systemd's RestartSec of the agent's unit. */
const restartMs = 5_000;
/** A gateway that ran for forty days before the change: what its monotonic clock says then means nothing after a boot. */
const uptimeBeforeMs = 40 * 86_400_000;

/** A gateway: its power, its host, and the agent that runs on it. */
export class Gateway {
  /** Process starts so far. */
  starts = 0;
  private readonly parts: GatewayParts;
  private readonly bus: ModemBus;
  private readonly tools: Readonly<Record<string, SimulatedTool>>;
  private readonly mqttOver: 'any' | 'bearer-first' | 'bearer';
  private readonly ids: Ids;
  private kernel: Kernel;
  private files = new Map<string, string>();
  private life: ProcessLife;
  private agent: Agent | null = null;
  private boots = 0;
  private bootedAtMs = -uptimeBeforeMs;
  private isHostUp = true;

  constructor(parts: GatewayParts) {
    this.parts = parts;
    const { modem, clock, flash } = parts;
    // A cable that is there for something else tempts whoever does not pin; before there is a target it is the only way.
    const behindCable = flash.contents().size === 0 ? 'bearer-first' : 'bearer';
    this.mqttOver = parts.hasLifeline ? behindCable : 'any';
    this.ids = countedIds(flash.contents().size * 1_000_000);
    this.bus = new ModemBus(modem);
    this.tools = { qmicli: simulatedQmicli(modem, clock), mbimcli: simulatedMbimcli(modem, clock) };
    this.kernel = new Kernel(parts.hasLifeline);
    this.life = new ProcessLife(parts.points);
    modem.onPresence((present) => this.modemChanged(present));
  }

  /** The agent of this moment; null while none runs. */
  running(): Agent | null {
    return this.life.alive ? this.agent : null;
  }

  /** Power comes, with the modem on already. */
  boot(): void {
    this.boots += 1;
    if (this.boots > 1) this.bootedAtMs = this.parts.clock.monotonicMs();
    this.isHostUp = true;
    this.files = new Map();
    this.kernel = new Kernel(this.parts.hasLifeline);
    if (this.parts.modem.present) this.kernel.appear(netInterfaceOf(this.parts.modem));
    this.startAgent();
  }

  /** The agent's process ends at once; systemd starts it again. */
  killAgent(): void {
    if (!this.life.alive) return;
    this.life.end();
    this.parts.clock.schedule(restartMs, () => this.startAgent());
  }

  /** Power goes from host and modem, at once, and comes back after `offMs`. */
  cutPower(offMs: number): void {
    const { flash, random, modem, clock } = this.parts;
    this.goDown();
    flash.lose(random);
    modem.unplug();
    clock.schedule(offMs, () => {
      modem.plugIn();
      this.bootLater();
    });
  }

  /** The host restarts in an orderly way; the modem keeps its power and what it has up. */
  reboot(): void {
    this.goDown();
    this.parts.flash.sync();
    this.bootLater();
  }

  private goDown(): void {
    this.isHostUp = false;
    this.life.end();
  }

  private bootLater(): void {
    const { clock, random } = this.parts;
    clock.schedule(15_000 + 15_000 * random.next(), () => this.boot());
  }

  private modemChanged(present: boolean): void {
    if (present) this.kernel.appear(netInterfaceOf(this.parts.modem));
    else this.kernel.vanish();
    // A kernel takes a moment to bind its drivers.
    this.parts.clock.schedule(present ? 800 : 0, () => this.bus.changed(present));
  }

  private startAgent(): void {
    if (!this.isHostUp || (this.life.alive && this.agent)) return;
    this.starts += 1;
    const life = new ProcessLife(this.parts.points);
    this.life = life;
    const agent = createAgent({
      config: agentConfigSchema.parse({
        controlPlane: { url: 'http://fleet.test' },
        claimToken: 'claim-token-1',
        mqttOver: this.mqttOver,
        telemetry: { sampleS: 3_600, batch: 1 },
      }),
      ports: this.ports(life),
    });
    this.agent = agent;
    const crashed = (why: string) => {
      if (!life.alive) return;
      this.parts.log(`the agent ended: ${why}`);
      this.killAgent();
    };
    agent.failed.then(crashed, crashed);
    agent.start().catch((error: unknown) => crashed(faultText(error)));
  }

  private ports(life: ProcessLife): AgentPorts {
    const { clock, modem, core, controlPlane, points, twin } = this.parts;
    const { kernel, files, bus, tools } = this;
    const ignoresPins = twin === 'no-pinning';
    const isControlPlaneUp = () => controlPlane.isUp();
    const say = (event: LogEvent, fields: LogFields = {}) => {
      const line = `${event} ${JSON.stringify(fields)}`;
      points.note(`${clock.monotonicMs()} ${line}`);
      this.parts.log(line);
    };
    return {
      serialPorts: serialPortsOf(modem, life, twin === 'no-read-back' ? this.deafEar() : (bytes) => bytes),
      transport: transportOf(this.network(ignoresPins), life),
      enrolment: controlPlane.enrolment,
      store: diskStore(this.parts.flash.port(life)),
      vault: worldVault,
      ids: this.ids,
      clock: life.clock(clock, this.bootedAtMs),
      random: seededRandom(Math.floor(this.parts.random.next() * 0x7fff_ffff)),
      log: { info: say, warn: say, error: say },
      hostFacts: {
        bootId: twin === 'no-boot-check' ? 'boot' : `boot-${this.boots}`,
        boardSerial: 'board-1',
        uptimeS: () => Math.floor((clock.monotonicMs() - this.bootedAtMs) / 1_000),
      },
      usb: bus.port(),
      host: hostPortsOf({ clock, modem, bus, core, kernel, files, tools, isControlPlaneUp, ignoresPins }, life),
    };
  }

  private network(ignoresPins: boolean): NetworkParts {
    const { clock, random, core, controlPlane } = this.parts;
    return { clock, random, core, kernel: () => this.kernel, ignoresPins, host: controlPlane };
  }

  /** Hears of every bearer the name that was asked for, whatever the network gave. */
  private deafEar() {
    const { modem } = this.parts;
    return (bytes: Uint8Array): Uint8Array => {
      const text = Buffer.from(bytes).toString('latin1');
      const asked = modem.state.stored.contexts.get(1)?.accessPoint ?? '';
      return Buffer.from(text.replace(/(\+CGCONTRDP: \d+,\d+,")[^"]*(")/g, `$1${asked}$2`), 'latin1');
    };
  }
}
