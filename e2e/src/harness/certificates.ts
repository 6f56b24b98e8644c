import { execFileSync, spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../../../', import.meta.url));

/** PEM files of a certificate and of the authority that signed it, which nobody trusts who was not told to. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

interface OpenSsl {
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** The machine's own, or Debian's, fetched at the first use in a checkout. */
function findOpenSsl(): OpenSsl {
  if (spawnSync('openssl', ['version'], { timeout: 10_000 }).status === 0) return { program: 'openssl', environment: process.env };
  const root = execFileSync(join(checkout, 'tools/debian-packages.sh'), ['openssl'], { encoding: 'utf8', timeout: 300_000 }).trim();
  const libraries = globSync(join(root, 'usr/lib/*-linux-gnu*')).join(':');
  return { program: join(root, 'usr/bin/openssl'), environment: { ...process.env, LD_LIBRARY_PATH: libraries } };
}

/** Makes both below `directory`, valid for two days. @param name that the certificate is for */
export function makeCertificates(directory: string, name = 'IP:127.0.0.1'): Certificates {
  const { program, environment } = findOpenSsl();
  const file = (fileName: string) => join(directory, fileName);
  const run = (words: readonly string[]) => execFileSync(program, words, { env: environment, stdio: 'pipe', timeout: 30_000 });
  const newKey = (fileName: string) => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file(fileName)];
  run(['req', '-x509', '-days', '2', '-subj', '/CN=Towline stories', ...newKey('authority.key'), '-out', file('authority.pem')]);
  const request = ['-subj', '/CN=broker', '-addext', `subjectAltName=${name}`];
  run(['req', '-new', ...request, ...newKey('broker.key'), '-out', file('broker.csr')]);
  const signer = ['-CA', file('authority.pem'), '-CAkey', file('authority.key'), '-CAcreateserial', '-copy_extensions', 'copy'];
  run(['x509', '-req', '-days', '2', '-in', file('broker.csr'), ...signer, '-out', file('broker.pem')]);
  return { authority: file('authority.pem'), certificate: file('broker.pem'), key: file('broker.key') };
}
