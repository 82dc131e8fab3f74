import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Certificates and keys of a cluster, as files below one folder; good for two days. Made by this machine's openssl. */
export interface ClusterPki {
  readonly folder: string;
  readonly ca: string;
  /** Certificate and key by the name under which `issue` made them. */
  file(name: string): { readonly cert: string; readonly key: string };
  /** Another certificate of the same authority. */
  issue(name: string, subject: string, alternatives: string): { readonly cert: string; readonly key: string };
}

/** @param folder is made */
export function makePki(folder: string): ClusterPki {
  mkdirSync(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const ca = at('ca.crt');
  newKey(at('ca.key'));
  openssl('req', '-x509', '-new', '-key', at('ca.key'), '-subj', '/CN=test-ca', '-days', '2', '-out', ca);
  const file = (name: string) => ({ cert: at(`${name}.crt`), key: at(`${name}.key`) });
  const issue: ClusterPki['issue'] = (name, subject, alternatives) => {
    const { cert, key } = file(name);
    newKey(key);
    openssl('req', '-new', '-key', key, '-subj', subject, '-out', at(`${name}.csr`));
    writeFileSync(
      at(`${name}.ext`),
      `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth,clientAuth\n`,
    );
    const signed = ['-req', '-in', at(`${name}.csr`), '-CA', ca, '-CAkey', at('ca.key'), '-CAcreateserial'];
    openssl('x509', ...signed, '-days', '2', '-extfile', at(`${name}.ext`), '-out', cert);
    return { cert, key };
  };
  issue('apiserver', '/CN=kube-apiserver', 'IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc');
  issue('admin', '/O=system:masters/CN=admin', 'DNS:admin');
  openssl('genrsa', '-out', at('sa.key'), '2048');
  openssl('rsa', '-in', at('sa.key'), '-pubout', '-out', at('sa.pub'));
  return { folder, ca, file, issue };
}

/** A kubeconfig file's text, for a server and a user with a certificate or a token. */
export function kubeconfigText(
  server: string,
  ca: string,
  user: { readonly cert: string; readonly key: string } | { readonly token: string } | null,
): string {
  const credentials =
    user === null
      ? {}
      : 'token' in user
        ? { token: user.token }
        : { 'client-certificate': user.cert, 'client-key': user.key };
  const data = readFileSync(ca).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': data } }],
    users: [{ name: 'u', user: credentials }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}

function newKey(path: string): void {
  openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', path);
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
