import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfigInput } from '@towline/agent';
import { systemClock } from '@towline/agent/node';
import type { SimulatedGateway } from '@towline/simulator';
import { servePseudoTerminals } from '@towline/simulator/node';
import type { Workplace } from '../workplace.ts';

export interface GatewayOptions {
  readonly gateway: SimulatedGateway;
  readonly controlPlaneUrl: string;
  readonly claimToken: string;
}

/** Puts a simulated gateway's modem on a PTY and writes the agent's configuration, all else as by default. Returns its path. */
export function configureGateway(place: Workplace, { gateway, controlPlaneUrl, claimToken }: GatewayOptions): string {
  const directory = join(place.directory, gateway.boardSerial);
  const [modem] = gateway.modems.map((modem) => servePseudoTerminals(modem, { clock: systemClock, directory: join(directory, 'modem') }));
  mkdirSync(join(directory, 'state'), { recursive: true });
  if (modem) place.atEnd(() => modem.close());
  const config: AgentConfigInput = {
    controlPlane: { url: controlPlaneUrl },
    claimToken,
    stateDir: join(directory, 'state'),
    acceptVolatileState: true,
    modems: modem ? [{ id: 'modem0', atPort: modem.atPath, pppPort: modem.pppPath }] : [],
  };
  const path = join(directory, 'agent.json');
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}
