import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Fault, faultCode } from '@towline/kit';

/**
 * Node has no ioctl, perl-base is on every Debian: TIOCSPTLCK unlocks the slave, TIOCGPTN tells its number, and TCGETS
 * with TCSETS make its line discipline raw before anybody opens it, else the modem would hear its own lines echoed.
 * It gets the master as descriptor 3, because libuv makes descriptors 0 to 2 of a child blocking, and the master with them.
 * The termios of the kernel is four 32-bit flag words (input, output, control, local), then the rest.
 */
const script = `
open(my $m, '+<&=', 3) or die 'no master';
my $n = pack("i", 0);
ioctl($m, 0x40045431, $n) or die "TIOCSPTLCK";
ioctl($m, 0x80045430, $n) or die "TIOCGPTN";
my $t = "\\0" x 64;
ioctl($m, 0x5401, $t) or die "TCGETS";
my ($i, $o, $c, $l, $rest) = unpack("LLLLa*", $t);
my $raw = pack("LLLLa*", 0, 0, $c, 0, $rest);
ioctl($m, 0x5402, $raw) or die "TCSETS";
print unpack("i", $n);
`;

const perlTimeoutMs = 5_000;

/** A fresh PTY: the master's descriptor, not blocking, and the path of its raw slave. @throws Fault `pty.no-ptmx`, `pty.no-perl`, `pty.unlock-failed` */
export function unlockedPty(): { readonly master: number; readonly slavePath: string } {
  const master = openMaster();
  const perl = spawnSync('perl', ['-e', script], { stdio: ['ignore', 'pipe', 'pipe', master], timeout: perlTimeoutMs });
  const number = perl.stdout?.toString() ?? '';
  if (perl.status === 0 && /^\d+$/.test(number)) return { master, slavePath: `/dev/pts/${number}` };
  closeSync(master);
  if (perl.error && faultCode(perl.error) === 'ENOENT')
    throw new Fault('pty.no-perl', 'perl is missing: install perl-base', { cause: perl.error });
  const said = perl.stderr?.toString().trim() ?? '';
  throw new Fault('pty.unlock-failed', `the PTY could not be set up: ${said}`, { cause: perl.error });
}

function openMaster(): number {
  try {
    return openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (error) {
    throw new Fault('pty.no-ptmx', '/dev/ptmx cannot be opened: is devpts mounted?', { cause: error });
  }
}
