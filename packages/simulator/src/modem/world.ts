import type { Character } from '../characters/character.ts';
import type { OperatorNetwork } from '../network/operator-network.ts';
import type { BehaviourSet } from './behaviour.ts';
import type { RadioMeasure } from './radio.ts';
import type { SimulatedSim } from './simulated-sim.ts';

/** What surrounds the state of one modem: the card, the network, the air, the time. Commands read it. */
export interface World {
  readonly character: Character;
  readonly imei: string;
  readonly seed: number;
  readonly network: OperatorNetwork;
  readonly behaviours: BehaviourSet;
  /** The card as the modem sees it: null when it is lost. */
  sim(): SimulatedSim | null;
  nowMs(): number;
  radio(): RadioMeasure;
  temperature(): number;
}
