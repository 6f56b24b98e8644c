import { simulatedSim } from '@towline/simulator';
import { settledWorld, stepsOf } from './change-worlds.ts';
import { documentOf, iccid, rule, secondIccid, secondImsi, type World, type WorldOptions } from './world.ts';

export const secondSim = simulatedSim({ iccid: secondIccid, imsi: secondImsi });

/** A gateway with a SIM in each of its modem's two slots, whose `fleet.south` was confirmed over the first. */
export const dualSim = (options: WorldOptions = {}): Promise<World> =>
  settledWorld({ model: 'rm520n-gl', otherSim: secondSim, ...options });

/** The second slot for every modem; its SIM is dialled with another access point than the first one's. */
export const toSlotTwo = (...more: ReturnType<typeof rule>[]) =>
  documentOf(
    ...more,
    rule('fleet.north', { name: 'second SIM', when: { iccidPrefix: [secondIccid] } }),
    rule('fleet.south', { simSlot: 2 }),
  );

export const slotWrites = (world: World): number => stepsOf(world).filter((step) => step === 'write-sim-slot').length;

/** What the modem really uses, whatever it says. */
export const inUse = ({ modem }: World) => ({
  slot: modem.state.stored.simSlot,
  sim: modem.sim?.iccid,
  apn: modem.dataLink()?.accessPoint.split('.mnc')[0],
});
export const home = { slot: 1, sim: iccid, apn: 'fleet.south' };
export const away = { slot: 2, sim: secondIccid, apn: 'fleet.north' };
