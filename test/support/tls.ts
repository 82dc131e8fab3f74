import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A certificate that signs itself, for `localhost` and 127.0.0.1, good for two days; `cert` is also the
 * authority to trust. PEM. Made by the `openssl` of this machine.
 */
export function selfSignedCertificate(): { readonly key: string; readonly cert: string } {
  const openssl = (options: string): string =>
    execFileSync('openssl', options.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const output = openssl(
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout - -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1',
  );
  return { key: part(output, 'PRIVATE KEY'), cert: part(output, 'CERTIFICATE') };
}

/** An authority, and certificates that it signs, PEM; good for two days. Made by the `openssl` of this machine. */
export function clientAuthority(folder: string): {
  readonly ca: string;
  /** @param days negative: it has ended already */
  issue(
    commonName: string,
    alternatives?: string,
    days?: number,
  ): { readonly key: string; readonly cert: string };
} {
  const at = (name: string): string => join(folder, name);
  const openssl = (...options: readonly string[]): void => {
    execFileSync('openssl', options, { stdio: 'ignore' });
  };
  const key = (name: string): void =>
    openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', at(name));
  key('ca.key');
  openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    at('ca.key'),
    '-subj',
    '/CN=clients',
    '-days',
    '2',
    '-out',
    at('ca.crt'),
  );
  return {
    ca: readFileSync(at('ca.crt'), 'utf8'),
    issue: (commonName, alternatives, days = 2) => {
      key('client.key');
      openssl(
        'req',
        '-new',
        '-key',
        at('client.key'),
        '-subj',
        `/CN=${commonName}`,
        '-out',
        at('client.csr'),
      );
      const more = alternatives === undefined ? '' : `subjectAltName=${alternatives}\n`;
      writeFileSync(at('client.ext'), `${more}extendedKeyUsage=clientAuth\n`);
      const signed = [
        '-req',
        '-in',
        at('client.csr'),
        '-CA',
        at('ca.crt'),
        '-CAkey',
        at('ca.key'),
        '-CAcreateserial',
      ];
      openssl(
        'x509',
        ...signed,
        '-days',
        String(days),
        '-extfile',
        at('client.ext'),
        '-out',
        at('client.crt'),
      );
      return { key: readFileSync(at('client.key'), 'utf8'), cert: readFileSync(at('client.crt'), 'utf8') };
    },
  };
}

function part(output: string, label: string): string {
  const end = `-----END ${label}-----`;
  return `${output.slice(output.indexOf(`-----BEGIN ${label}-----`), output.indexOf(end))}${end}\n`;
}
