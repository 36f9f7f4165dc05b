import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate that vouches for itself, for servers on this machine. */
export interface Certificate {
  readonly keyPath: string;
  readonly certificatePath: string;
  delete(): void;
}

export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-tls-'));
  const [keyPath, certificatePath] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout', keyPath];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certificatePath, ...subject], { stdio: 'ignore' });
  return { keyPath, certificatePath, delete: () => rmSync(folder, { recursive: true, force: true }) };
}
