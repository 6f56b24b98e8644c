import type { SimulatedModem } from '@towline/simulator';

/** `target` with one method in the place of its own; everything else, private state included, stays as it is. */
function withMethod<Target extends object, Name extends keyof Target>(target: Target, name: Name, method: Target[Name]): Target {
  return new Proxy(target, {
    get(inner, key) {
      if (key === name) return method;
      const value: unknown = Reflect.get(inner, key, inner);
      return typeof value === 'function' ? value.bind(inner) : value;
    },
  });
}

/** The modem, with every line noted that is written to any of its ports. */
export function recordedModem(modem: SimulatedModem, note: (line: string) => void): SimulatedModem {
  return withMethod(modem, 'openPort', (role, path) => {
    const port = modem.openPort(role, path);
    let text = '';
    return withMethod(port, 'write', (bytes) => {
      const lines = (text + Buffer.from(bytes).toString('latin1')).split('\r');
      text = lines.pop() ?? '';
      for (const line of lines) note(line.trim());
      return port.write(bytes);
    });
  });
}

/** Commands that dial, hang up, write what is dialled with, or touch the radio, in any modem's dialect; their questions are not among them. */
const movesLink =
  /^AT(?:D|H|&F|\+CFUN=\d|\+CGATT=\d|\+CGACT=\d|\+CGDCONT=\d|\+CGAUTH=\d|\+QICSGP=\d+,|\+QNETDEVCTL=\d|\+CRESET|!SCACT=\d|!RESET|\$QCRMCALL=\d|\$QCPDPP=\d|#ECM[DC=]|#REBOOT|\^NDISDUP=|\^AUTHDATA=|\^RESET)/i;

/** Whether a line could move a link. */
export const isLinkCommand = (line: string): boolean => movesLink.test(line);
