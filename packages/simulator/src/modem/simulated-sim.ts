export interface SimulatedSimOptions {
  readonly iccid: string;
  readonly imsi: string;
  /** Length of the MNC in the IMSI, 2 or 3 digits (EF-AD). */
  readonly mncLength?: 2 | 3;
  /** EF-GID1, hexadecimal; left out: the card has no such file. */
  readonly gid1?: string;
  /** With a PIN the card starts locked whenever it gets power. */
  readonly pin?: string;
  readonly puk?: string;
  /** PIN tries left at the start. */
  readonly tries?: number;
}

export type PinVerdict = 'accepted' | 'refused' | 'blocked';

/** A card. It keeps its tries wherever it is plugged in. */
export interface SimulatedSim {
  readonly iccid: string;
  readonly imsi: string;
  readonly mncLength: 2 | 3;
  /** Null: no such file. */
  readonly gid1: string | null;
  /** Whether a PIN is asked for at power-up. */
  locked(): boolean;
  pinTriesLeft(): number;
  pukTriesLeft(): number;
  /** How often a wrong PIN was tried since the card was made: what a test for "PINs are sacred" looks at. */
  wrongTries(): number;
  tryPin(pin: string): PinVerdict;
  /** Takes the PUK and sets a new PIN. */
  unblock(puk: string, pin: string): PinVerdict;
  /** Switches the PIN request on or off; needs the PIN. */
  setLock(on: boolean, pin: string): PinVerdict;
}

/** @see SimulatedSim; TS 31.101 gives three PIN tries and ten PUK tries. */
export function simulatedSim(options: SimulatedSimOptions): SimulatedSim {
  let pin = options.pin ?? '0000';
  let lock = options.pin !== undefined;
  let tries = options.tries ?? 3;
  let pukTries = 10;
  let wrong = 0;
  const tryPin = (offered: string): PinVerdict => {
    if (tries === 0) return 'blocked';
    if (offered === pin) {
      tries = 3;
      return 'accepted';
    }
    tries -= 1;
    wrong += 1;
    return tries === 0 ? 'blocked' : 'refused';
  };
  return {
    iccid: options.iccid,
    imsi: options.imsi,
    mncLength: options.mncLength ?? 2,
    gid1: options.gid1 ?? null,
    locked: () => lock,
    pinTriesLeft: () => tries,
    pukTriesLeft: () => pukTries,
    wrongTries: () => wrong,
    tryPin,
    unblock(puk, newPin) {
      if (pukTries === 0) return 'blocked';
      if (puk !== (options.puk ?? '12345678')) {
        pukTries -= 1;
        return pukTries === 0 ? 'blocked' : 'refused';
      }
      pin = newPin;
      tries = 3;
      pukTries = 10;
      return 'accepted';
    },
    setLock(on, offered) {
      const verdict = tryPin(offered);
      if (verdict === 'accepted') lock = on;
      return verdict;
    },
  };
}
