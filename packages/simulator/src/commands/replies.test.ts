import { describe, expect, it } from 'vitest';
import { simulatedSim } from '../modem/simulated-sim.ts';
import { bench, connect, imsi } from '../testing/bench.ts';

/** Shapes of the real samples in our fact sheet; where there is none, of the manual. */
const shapes: readonly (readonly [model: string, command: string, shape: RegExp])[] = [
  ['bg96', 'AT+QCSQ', /^\+QCSQ: "CAT-M1",-\d+,-\d+,\d+,-\d+$/],
  [
    'bg96',
    'AT+QENG="servingcell"',
    /^\+QENG: "servingcell","NOCONN","CAT-M","FDD",001,01,\w+,\d+,6200,20,\d,\d,\w+,-\d+,-\d+,-\d+,-?\d+,-$/,
  ],
  ['bg96', 'AT+QNWINFO', /^\+QNWINFO: "CAT-M1","00101","LTE BAND 20",6200$/],
  ['bg96', 'AT+COPS?', /^\+COPS: 0,0,"Polder Mobile",8$/],
  ['bg96', 'AT+CCID', /^\+CCID: 8900101000000000071$/],
  ['bg96', 'AT+QCFG="usbnet"', /^ERROR$/],
  ['ec200a', 'AT+QENG="servingcell"', /^\+QENG: "servingcell","NOCONN","LTE","FDD",001,01,\w+,\d+,1802,3,5,5,\w+,-\d+,-\d+,-\d+,-?\d+,34$/],
  ['ec200a', 'AT+QTEMP', /^\+QTEMP: \d+,255,255$/],
  ['ec200a', 'AT+CLAC', /^ERROR$/],
  ['ec200a', 'AT+QNETDEVSTATUS=?', /^ERROR$/],
  ['ec200a', 'AT+QNETDEVCTL?', /^\+QNETDEVCTL: 0,1,1,0$/],
  ['ec200a', 'AT+QPINC="SC"', /^\+QPINC: "SC",3,10$/],
  ['ec200u', 'AT+QCAINFO', /^COMMAND NOT SUPPORT$/],
  ['ec25', 'AT+CESQ', /^\+CESQ: 99,99,255,255,\d+,\d+$/],
  ['ec25', 'AT+QTEMP', /^\+QTEMP: \d+,\d+,\d+$/],
  ['ec25', 'AT+QCCID', /^\+QCCID: 8900101000000000071$/],
  ['ec25', 'AT+CGPADDR=1', /^\+CGPADDR: 1,"10\.101\.0\.\d+"$/],
  [
    'ec25',
    'AT+CGCONTRDP=1',
    /^\+CGCONTRDP: 1,5,"fleet\.north\.mnc001\.mcc001\.gprs","10\.101\.0\.\d+","10\.101\.0\.1","192\.0\.2\.53","198\.51\.100\.53"$/,
  ],
  ['ec25', 'AT+CGDCONT?', /^\+CGDCONT: 1,"IP","fleet\.north",/],
  [
    'rm520n-gl',
    'AT+QENG="servingcell"',
    /^\+QENG: "servingcell","NOCONN","NR5G-SA","TDD",001,01,\w+,\d+,\w+,633984,78,100,-\d+,-\d+,-?\d+,18,34,1$/,
  ],
  ['rm520n-gl', 'AT+QTEMP', /^\+QTEMP: "soc-thermal","\d+"$/],
  ['rm520n-gl', 'AT+C5GREG?', /^\+C5GREG: 0,1$/],
  ['rm520n-gl', 'AT+COPS?', /,11$/],
  ['mc7455', 'AT+CGCONTRDP=1', /^\+CGCONTRDP: 1,5,fleet\.north\.mnc001\.mcc001\.gprs,10\.101\.0\.\d+\.255\.255\.255\.252,/],
  ['mc7455', 'AT!USBCOMP?', /^Config Index: 1$/],
  ['mc7455', 'AT!USBCOMP=1,1,100D', /^ERROR$/],
  ['sim7600', 'AT+CPSI?', /^\+CPSI: LTE,Online,001-01,0x\w{4},\d+,\d+,EUTRAN-BAND3,1802,5,5,-\d+,-\d+,-\d+,-?\d+$/],
  ['sim7600', 'AT+CICCID', /^\+ICCID: 8900101000000000071$/],
  ['sim7600', 'AT+CPMUTEMP', /^\+CPMUTEMP: \d+$/],
  ['le910c4', 'AT#RFSTS', /^#RFSTS: "001 01",1802,-\d+,-\d+,-\d+,/],
  ['le910c4', 'AT#CCID', /^#CCID: 8900101000000000071$/],
  ['me909', 'AT^HCSQ?', /^\^HCSQ: "LTE",\d+,\d+,\d+,\d+$/],
  ['me909', 'AT^CHIPTEMP?', /^\^CHIPTEMP: \d+,/],
  ['me909', 'AT^NDISSTATQRY?', /^\^NDISSTATQRY: 0,,,"IPV4"$/],
];

describe('what each family answers', () => {
  it.each(shapes)('%s answers %s', async (model, command, shape) => {
    const { modem, clock } = bench(model);
    const console = connect(modem, clock);
    await console.say('ATE0');
    const lines = (await console.ask(command)).filter((line) => !line.startsWith('^RSSI'));
    expect(lines[0]).toMatch(shape);
  });

  it('prints the status page of a Sierra modem with every label', async () => {
    const { modem, clock } = bench('em7455');
    const page = (await connect(modem, clock).ask('AT!GSTATUS?')).join('\n');
    for (const label of [
      'Temperature:',
      'Mode:',
      'PS state:',
      'LTE band:',
      'EMM state:',
      'PCC RxM RSSI:',
      'RSRP (dBm):',
      'RSRQ (dB):',
      'SINR (dB):',
    ])
      expect(page).toContain(label);
  });

  it('gives partial results of a chain up to the first failure', async () => {
    const { modem, clock } = bench('ec25');
    modem.removeSim();
    const answer = await connect(modem, clock).say('AT+CSQ;+CPIN?;+COPS?');
    expect(answer).toBe('AT+CSQ;+CPIN?;+COPS?\r\r\n+CSQ: 99,99\r\n\r\n+CME ERROR: 10\r\n');
  });

  it('answers a chain out of order on EC200A, as a K230 board showed', async () => {
    const { modem, clock } = bench('ec200a');
    modem.removeSim();
    expect(await connect(modem, clock).ask('at+cpin?;+csq;+cops?')).toEqual(['+CSQ: 99,99', '+CME ERROR: 10', '+COPS: 0']);
  });

  it.each([
    ['0', 'ERROR'],
    ['1', '+CME ERROR: 10'],
    ['2', '+CME ERROR: SIM not inserted'],
  ])('says a missing card in the format of AT+CMEE=%s', async (format, said) => {
    const { modem, clock } = bench('sim7600');
    modem.removeSim();
    const console = connect(modem, clock);
    await console.say(`AT+CMEE=${format}`);
    expect(await console.ask('AT+CPIN?')).toEqual([said]);
  });

  it('understands the chat line of the Quectel PPP scripts', async () => {
    const { modem, clock } = bench('ec25');
    const answer = await connect(modem, clock, 'ppp').say('ATI;+CSUB;+CSQ;+CPIN?;+COPS?;+CGREG?;&D2');
    expect(answer).toContain('+CGREG: 0,1\r\n');
    expect(answer.endsWith('\r\nOK\r\n')).toBe(true);
  });

  it('takes the password before the user on Sierra', async () => {
    const { modem, clock } = bench('mc7455');
    await connect(modem, clock).say('AT$QCPDPP=1,1,"keep","gate"');
    expect(modem.state.stored.auth.get(1)).toEqual({ method: 1, username: 'gate', password: 'keep' });
  });

  it.each([
    ['qmi', '0000010D (diag,nmea,modem,rmnet0)'],
    ['mbim', '0000100D (diag,nmea,modem,mbim)'],
  ] as const)('tells the composition of a Sierra modem that came in %s', async (dataMode, mask) => {
    const { modem, clock } = bench('mc7455', { dataMode });
    expect(await connect(modem, clock).ask('AT!USBCOMP?')).toContain(`Interface bitmask: ${mask}`);
  });

  it.each([
    ['ec25', 'AT+QCFG=?', '+QCFG: "usbnet",(1)', 'AT+QCFG="usbnet",0'],
    ['le910c4', 'AT#USBCFG=?', '#USBCFG: (3)', 'AT#USBCFG=0'],
  ])('%s lists the data modes of its firmware, and takes no other', async (model, question, list, write) => {
    const { modem, clock } = bench(model);
    modem.misbehave({ kind: 'offers-modes', modes: ['ecm'] });
    const console = connect(modem, clock);
    expect(await console.say(question)).toContain(list);
    expect(await console.say(write)).toMatch(/ERROR/);
  });

  it('lists no function of a Sierra composition that its firmware does not have', async () => {
    const { modem, clock } = bench('mc7455');
    modem.misbehave({ kind: 'offers-modes', modes: ['qmi'] });
    const list = await connect(modem, clock).say('AT!USBCOMP=?');
    expect(list).toContain('RMNET0');
    expect(list).not.toContain('MBIM - ');
  });

  it('loses the AT port of an EM7565 that is written configuration type 1', async () => {
    const { modem, clock } = bench('em7565');
    const console = connect(modem, clock);
    await console.say('AT!ENTERCND="A710"');
    await console.say('AT!USBCOMP=1,1,100D');
    await console.say('AT!RESET');
    await clock.advance(30_000);
    expect(modem.present).toBe(true);
    expect(() => modem.openPort('at')).toThrow('ENOENT');
  });

  it('never says what a card without PIN would not: the IMSI stays hidden until the PIN is given', async () => {
    const sim = simulatedSim({ iccid: '8900101000000000071', imsi, pin: '4321' });
    const { modem, clock } = bench('ec25', { sim });
    const console = connect(modem, clock);
    expect(await console.ask('AT+CIMI')).toEqual(['+CME ERROR: 11']);
    expect(await console.ask('AT+CPIN="1111"')).toEqual(['+CME ERROR: 16']);
    expect(sim.pinTriesLeft()).toBe(2);
    await console.say('AT+CPIN="4321"', 10_000);
    expect(await console.ask('AT+CIMI')).toEqual([imsi]);
    expect(modem.state.running.registration).toBe(1);
    expect(sim.wrongTries()).toBe(1);
  });

  it('lets the files of an open card be read, and says which it does not have', async () => {
    const sim = simulatedSim({ iccid: '8900101000000000071', imsi, mncLength: 3, gid1: '0A12FF', pin: '4321' });
    const { modem, clock } = bench('ec25', { sim });
    const console = connect(modem, clock);
    expect(await console.ask('AT+CRSM=176,28478,0,0,3')).toEqual(['+CME ERROR: 11']);
    await console.say('AT+CPIN="4321"', 10_000);
    expect(await console.ask('AT+CRSM=192,28478,0,0,15')).toEqual(['+CRSM: 144,0,"620F8202412183026F3E8A010580020003"']);
    expect(await console.ask('AT+CRSM=176,28478,0,0,3')).toEqual(['+CRSM: 144,0,"0A12FF"']);
    expect(await console.ask('AT+CRSM=176,28478,0,0,4')).toEqual(['+CRSM: 107,0']);
    expect(await console.ask('AT+CRSM=176,28589,0,0,4')).toEqual(['+CRSM: 144,0,"00000003"']);
    expect(await console.ask('AT+CRSM=176,28486,0,0,4')).toEqual(['+CRSM: 106,130']);
  });
});
