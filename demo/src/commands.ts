/** One thing to try, as it is pasted into a shell. */
export interface Command {
  readonly says: string;
  readonly shell: string;
}

export interface CommandContext {
  readonly url: string;
  readonly tokenFile: string;
  /** A device whose carrier knows both APNs that are tried, and the PLMN of that carrier. */
  readonly device: string;
  readonly homePlmn: string;
}

const profile = (apn: string) => JSON.stringify({ apn, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true });

/** Polls one field of what is at `path` until it has a value, so that a person sees it arrive. */
const watch = (path: string, field: string, expected: string) =>
  `for i in $(seq 60); do now=$(api ${path} | json ${field}); echo "$now"; [ "$now" = ${expected} ] && break; sleep 1; done`;

/** A profile and a policy of one rule. Their names carry the time of pasting, so that a block can be pasted twice. */
function change(apn: string, name: string, homePlmn: string): string {
  return [
    `NAME="${name} $(date +%FT%T)"`,
    `PROFILE=$(api profiles -d '{"name":"'"$NAME"'","profile":${profile(apn)}}' | json .id)`,
    `POLICY=$(api policies -d '{"name":"'"$NAME"'","rules":[{"name":"${name}","level":"fleet","when":{"homePlmn":["${homePlmn}"]},"profile":{"id":"'$PROFILE'","version":1}}]}' | json .id)`,
  ].join('\n');
}

const assign = `api assignments -d '{"policy":{"id":"'$POLICY'","version":1},"devices":["'$DEVICE'"],"note":"tried by hand"}' | json`;

/** What to try after the demo has started, in this order. */
export function demoCommands({ url, tokenFile, device, homePlmn }: CommandContext): Command[] {
  return [
    {
      says: 'Once per shell: the token, and two shorthands',
      shell: [
        `TOKEN=$(cat ${tokenFile}); DEVICE=${device}`,
        `api() { curl -sS -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' "${url}/v1/$1" "\${@:2}"; }`,
        `json() { node -p "let a=JSON.parse(fs.readFileSync(0,'utf8')), v=a.detail?a:a\${1:-}; typeof v==='string'?v:JSON.stringify(v,null,2)"; }`,
      ].join('\n'),
    },
    {
      says: 'The fleet in numbers, and a few devices with the weakest signal first',
      shell: `api fleet/summary | json\napi 'devices?sort=signal&limit=3' | json`,
    },
    { says: 'One device: registration, signal, bearer', shell: `api devices/$DEVICE | json .reported` },
    { says: 'Its signal over the last minutes', shell: `api devices/$DEVICE/telemetry?limit=5 | json` },
    { says: 'Why it dials with this APN', shell: `api devices/$DEVICE/explain | json` },
    {
      says: 'A new APN as profile and policy. Saving them moves no link',
      shell: `${change('fleet.north', 'north', homePlmn)}\nNORTH=$POLICY`,
    },
    {
      says: 'What would change, then assign it, and watch the device redial onto it',
      shell: `api "devices/$DEVICE/explain?policy=$POLICY&version=1" | json .modems\n${assign}\n${watch('devices/$DEVICE', '.apn', 'fleet.north')}`,
    },
    {
      says: "An APN that the carrier has not sold to this SIM: the device goes back by itself, with the cause and the modem's own lines",
      shell: `${change('fleet.premium', 'premium', homePlmn)}\n${assign}\n${watch('devices/$DEVICE', '.target.status', 'reverted')}\napi devices/$DEVICE | json .target.fault\napi devices/$DEVICE | json .apn`,
    },
    {
      says: 'The same to every device of that carrier, as a rollout: it begins with a few, stops by itself, and is led back',
      shell: [
        `ROLLOUT=$(api rollouts -d '{"name":"'"$NAME"'","policy":{"id":"'$POLICY'","version":1},"selection":{"filter":"homePlmn==${homePlmn}"}}' | json .id)`,
        'for act in plan submit start; do api rollouts/$ROLLOUT/$act -X POST | json .state; done',
        watch('rollouts/$ROLLOUT', '.state', 'paused'),
        'api rollouts/$ROLLOUT/progress | json .causes',
        'api rollouts/$ROLLOUT/revert -X POST | json .state',
        watch('rollouts/$ROLLOUT', '.state', 'reverted'),
      ].join('\n'),
    },
    {
      says: 'The good one is assigned again: nothing has to be redialled for it',
      shell: `POLICY=$NORTH\n${assign}\n${watch('devices/$DEVICE', '.target.status', 'applied')}`,
    },
    {
      says: 'A job: hang up and dial again after 10 s',
      shell: `api jobs -d '{"device":"'$DEVICE'","order":{"kind":"hang-up","redialAfterS":10},"ttlS":300}' | json`,
    },
    { says: 'Live changes for ten seconds', shell: `api stream -N --max-time 10 2>/dev/null || true` },
  ];
}
