import {
  apnPasswordSchema,
  apnSchema,
  apnUsernameSchema,
  authMethodSchema,
  dataModeSchema,
  ipTypeSchema,
  pinSchema,
} from '@towline/protocol';
import * as z from 'zod/mini';

const seconds = (least: number, most: number) =>
  z.int('must be whole seconds').check(z.minimum(least, `must be at least ${least}`), z.maximum(most, `must be at most ${most}`));
const path = z.string().check(z.startsWith('/', 'must be an absolute path, such as /dev/ttyUSB2'), z.maxLength(200));
const label = z.string().check(z.regex(/^[A-Za-z0-9._-]{1,40}$/, 'must be 1 to 40 of A-Z a-z 0-9 . _ -'));

/** A program with its arguments; it never passes through a shell. */
const argv = z.tuple([path], z.string().check(z.maxLength(200))).check(z.maxLength(16, 'must be at most 16 words'));

const modemSchema = z
  .strictObject({
    /** Stable name of the modem on this device, as reports show it. */
    id: label,
    /** Where it is plugged in, as sysfs names it: its ports are then found by USB interface number. */
    usbPath: z.optional(z.string().check(z.regex(/^\d+-\d+(\.\d+)*$/, 'must be a USB path, such as 1-1.3'))),
    /** Which one it is, wherever it is plugged in. */
    imei: z.optional(z.string().check(z.regex(/^\d{15}$/, 'must be 15 digits'))),
    /** For a modem that is not on USB: its ttys. */
    atPort: z.optional(path),
    /** Needed to dial over PPP beside `atPort`. */
    pppPort: z.optional(path),
    /** Takes the modem's power away and gives it back, such as `uhubctl` or a script that moves a pin; may take a minute. */
    powerCommand: z.optional(argv),
    /** Model id, where the modem does not say what it is. */
    model: z.optional(label),
  })
  .check(
    z.refine(
      ({ usbPath, imei, atPort }) => (atPort === undefined) !== (usbPath === undefined && imei === undefined),
      'must say where the modem is: usbPath or imei, or else atPort',
    ),
    z.refine(({ atPort, pppPort }) => pppPort === undefined || atPort !== undefined, 'must name atPort beside pppPort'),
  );
export type ModemConfig = z.infer<typeof modemSchema>;

/** /etc/towline/agent.json. Unknown keys are refused: a misspelt one would silently mean its default. */
export const agentConfigSchema = z.strictObject({
  controlPlane: z.strictObject({
    url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL, such as https://fleet.example' }),
  }),
  /** Overrides the broker that enrolment names. */
  mqttUrl: z.optional(z.url({ protocol: /^mqtts?$/, error: 'must be an mqtt or mqtts URL, such as mqtts://fleet.example:8883' })),
  /** One-time token from the control plane; only needed until the device is enrolled. */
  claimToken: z.optional(z.string().check(z.minLength(8, 'must be the claim token as the control plane showed it'), z.maxLength(200))),
  claimTokenFile: z.optional(path),
  stateDir: z._default(path, '/var/lib/towline'),
  /**
   * Only a person sets this: changes are begun although a loss of power takes the state directory, and with it the identity and the way back.
   * For demonstrations, and for containers whose host keeps their files.
   */
  acceptVolatileState: z._default(z.boolean(), false),
  name: z.optional(z.string().check(z.minLength(1), z.maxLength(80))),
  /** Left out: every modem on USB is managed, under its USB path. */
  modems: z.optional(z.array(modemSchema).check(z.minLength(1, 'must name at least one modem, or be left out'), z.maxLength(8))),
  telemetry: z._default(
    z.strictObject({ sampleS: z._default(seconds(10, 86_400), 300), batch: z._default(z.int().check(z.minimum(1), z.maximum(288)), 12) }),
    {
      sampleS: 300,
      batch: 12,
    },
  ),
  /** What to dial with before there is a target, and as the last of all ways back. A gateway that has no other uplink enrols over it. */
  bootstrap: z.optional(
    z.strictObject({
      apn: apnSchema,
      ipType: z._default(ipTypeSchema, 'ipv4'),
      auth: z._default(authMethodSchema, 'none'),
      username: z.optional(apnUsernameSchema),
      password: z.optional(apnPasswordSchema),
      dataMode: z._default(z.union([z.literal('auto'), dataModeSchema]), 'auto'),
      roaming: z._default(z.boolean(), true),
      /** Of the card that was put in, until a target has another say; by the rules for PINs. */
      pin: z.optional(pinSchema),
    }),
  ),
  /** How often the whole state is told although nothing changed. */
  stateBeatS: z._default(seconds(60, 604_800), 21_600),
  /** Whether anything comes back over a bearer: asked of the operator's resolvers, then of the control plane, by a few packets. */
  probes: z._default(
    z.strictObject({
      enabled: z._default(z.boolean(), true),
      everyS: z._default(seconds(30, 86_400), 300),
      /** Address that is pinged too. */
      ping: z.optional(z.union([z.ipv4(), z.ipv6()], 'must be an IP address')),
    }),
    { enabled: true, everyS: 300 },
  ),
  /**
   * Orders by SMS for when IP is gone, from these numbers only and signed by the control plane. Left out: short messages are not looked at.
   * With it the inbox is the agent's: whatever comes in is removed once it was read.
   */
  sms: z.optional(
    z.strictObject({
      senders: z
        .array(z.string().check(z.regex(/^\+?[0-9 ]{3,20}$/, 'must be a telephone number, such as +491511234567')))
        .check(z.minLength(1, 'must name at least one number'), z.maxLength(16)),
    }),
  ),
  /**
   * How the session with the control plane leaves a gateway that has other uplinks: as its routes say, by a bearer while one is verified,
   * or by a bearer alone.
   */
  mqttOver: z._default(z.enum(['any', 'bearer-first', 'bearer'], 'must be any, bearer-first or bearer'), 'any'),
  recovery: z._default(
    z.strictObject({
      /**
       * Lets the agent restart the host as the last rung: at most `perDay` times in a day of uptime, when nothing was heard from the control
       * plane for `afterS`. Left out: never.
       */
      hostReboot: z.optional(
        z.strictObject({
          perDay: z._default(z.int().check(z.minimum(1), z.maximum(4, 'must be at most 4')), 1),
          afterS: z._default(seconds(600, 86_400), 3_600),
          command: z._default(argv, ['/usr/bin/systemctl', 'reboot']),
        }),
      ),
    }),
    {},
  ),
  /** Program and arguments that restart the host when an operator orders that, such as ["/usr/bin/systemctl", "reboot"]. Left out: nobody may. */
  reboot: z.optional(argv),
  keepaliveS: z._default(seconds(10, 240), 240),
  /** Text file that names the board; none by default on hosts that have no device tree. */
  boardSerialFile: z._default(path, '/proc/device-tree/serial-number'),
});

/** The configuration as parsed: defaults filled in. */
export type AgentConfig = z.infer<typeof agentConfigSchema>;
/** The configuration as written. */
export type AgentConfigInput = z.input<typeof agentConfigSchema>;
