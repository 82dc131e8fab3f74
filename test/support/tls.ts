import { execFileSync } from 'node:child_process';

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

function part(output: string, label: string): string {
  const end = `-----END ${label}-----`;
  return `${output.slice(output.indexOf(`-----BEGIN ${label}-----`), output.indexOf(end))}${end}\n`;
}
