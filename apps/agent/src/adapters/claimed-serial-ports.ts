import { Fault } from '@towline/kit';
import type { SerialPorts } from '@towline/modem';
import { ttyClaimName } from './host-claims.ts';
import type { Claims } from './process-claims.ts';

/** Ttys that are open in this agent alone: two that read one steal each other's answers. One that another agent holds is a fault `port.in-use`. */
export function claimedSerialPorts(ports: SerialPorts, claims: Claims): SerialPorts {
  return {
    async open(path) {
      const name = ttyClaimName(path);
      const claiming = name === null ? null : claims.claim(name);
      if (claiming?.ok === false) throw new Fault('port.in-use', `${path} is in use by the agent with process id ${claiming.pid}`);
      try {
        const port = await ports.open(path);
        port.onClose(() => claiming?.release());
        return port;
      } catch (error) {
        claiming?.release();
        throw error;
      }
    },
  };
}
