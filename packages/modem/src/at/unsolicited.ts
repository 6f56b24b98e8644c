/** Names of lines that modems send unasked. Data: a new one is a new entry. */
const names: ReadonlySet<string> = new Set([
  '+CREG',
  '+CGREG',
  '+CEREG',
  '+C5GREG',
  '+CGEV',
  '+CPIN',
  '+CFUN',
  '+CTZV',
  '+CTZE',
  '+CTZDST',
  '+CMTI',
  '+CMT',
  '+CDS',
  '+CUSD',
  '+CRING',
  '+CLIP',
  '+CIEV',
  '+QIND',
  '+QUSIM',
  '+QSIMSTAT',
  '+QNETDEVSTATUS',
  '+QUIMSLOT',
  '+NITZ',
  '+SIMCARD',
  '#QSS',
  '^RSSI',
  '^HCSQ',
  '^MODE',
  '^SRVST',
  '^SIMST',
  '^NDISSTAT',
  '^STIN',
  '^SYSSTART',
  '*PSUTTZ',
]);

const words: ReadonlySet<string> = new Set([
  'RDY',
  'START',
  'RING',
  'NO CARRIER',
  'PB DONE',
  'SMS DONE',
  'CALL READY',
  'SMS READY',
  'POWERED DOWN',
  'NORMAL POWER DOWN',
]);

/** Whether a line is one of those that come unasked. A reply to a command of the same name is told apart by `prefix`. */
export function isUnsolicited(line: string, prefix = ''): boolean {
  if (words.has(line.toUpperCase())) return true;
  const name = /^([+^#*][A-Z0-9]+)(?::|$)/.exec(line)?.[1];
  return name !== undefined && name !== prefix && names.has(name);
}

/** Diagnostic frames that a wrong port or a talkative firmware mixes in (EC200U). */
export function isNoise(line: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what tells binary frames from text
  return line.startsWith('%DBG') || /[\x01-\x08\x0b-\x1f\x7f]/.test(line);
}
