import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { nodeFiles } from './make.ts';
import type { NodeGround, NodeKind } from './node-file.ts';

const ca = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const plain: NodeGround = {
  proxy: 'http://pratique.corp:5000',
  ca: null,
  upstreams: [
    { name: 'docker.io', namespace: 'docker.io' },
    { name: 'corp', namespace: 'registry.corp:5443' },
  ],
};
const tls: NodeGround = { ...plain, proxy: 'https://pratique.corp', ca };

/** The text of a file without comments and empty lines. */
function fileOf(kind: NodeKind, ground: NodeGround, path: string): string {
  const file = nodeFiles(kind, ground).find((one) => one.path === path);
  if (file === undefined) throw new Error(`there is no ${path}`);
  const lines = file.text.split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).join('\n');
}

describe('hosts.toml names the proxy alone, for every registry and for all others', () => {
  it.each<[NodeKind, string]>([
    ['containerd', '/etc/containerd/certs.d/docker.io/hosts.toml'],
    ['containerd', '/etc/containerd/certs.d/registry.corp_5443_/hosts.toml'],
    ['containerd', '/etc/containerd/certs.d/_default/hosts.toml'],
    ['docker', '/etc/docker/certs.d/docker.io/hosts.toml'],
    ['docker', '/etc/docker/certs.d/registry.corp:5443/hosts.toml'],
  ])('%s: %s', (kind, path) => {
    expect(fileOf(kind, plain, path)).toBe(`server = "http://pratique.corp:5000"
capabilities = ["push"]
[host."http://pratique.corp:5000"]
  capabilities = ["pull", "resolve"]`);
    expect(fileOf(kind, tls, path)).toBe(`server = "https://pratique.corp"
capabilities = ["push"]
ca = "/etc/pratique/ca.crt"
[host."https://pratique.corp"]
  capabilities = ["pull", "resolve"]
  ca = "/etc/pratique/ca.crt"`);
  });
});

describe('what else is written', () => {
  it.each<[NodeKind, NodeGround, string]>([
    ['containerd', tls, '/etc/pratique/ca.crt'],
    ['k3s', tls, '/etc/pratique/ca.crt'],
    ['docker', tls, '/etc/docker/certs.d/pratique.corp/ca.crt'],
    ['crio', tls, '/etc/containers/certs.d/pratique.corp/ca.crt'],
  ])('%s: the authority', (kind, ground, path) => {
    expect(`${fileOf(kind, ground, path)}\n`).toBe(ca);
    expect(nodeFiles(kind, plain).map((file) => file.path)).not.toContain(path);
  });
  it('CRI reads the folder, in both shapes of its configuration', () => {
    const text = nodeFiles('containerd', plain).find(({ path }) => path.includes('config.toml'))?.text ?? '';
    expect(text).toContain(
      '[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc/containerd/certs.d"',
    );
    expect(text).toContain('# [plugins."io.containerd.cri.v1.images".registry]');
  });
  const conf = '/etc/containers/registries.conf.d/999-pratique.conf';
  it('Podman and CRI-O: every location is the proxy, without mirrors', () => {
    const text = fileOf('crio', plain, conf);
    expect(text.split('\n').filter((line) => line.startsWith('location'))).toEqual([
      'location = "pratique.corp:5000/docker.io"',
      'location = "pratique.corp:5000/corp"',
      'location = "pratique.corp:5000"',
    ]);
    expect(text).not.toContain('mirror');
    expect(text.match(/insecure = true/g)).toHaveLength(3);
    expect(fileOf('crio', tls, conf)).not.toContain('insecure');
  });
  it('Podman and CRI-O: what is not named is rejected', () => {
    const policy: unknown = JSON.parse(fileOf('crio', plain, '/etc/containers/policy.json'));
    expect(policy).toMatchObject({ default: [{ type: 'reject' }] });
    expect(Object.keys((policy as { transports: { docker: object } }).transports.docker)).toEqual([
      'docker.io',
      'registry.corp:5443',
      'pratique.corp:5000',
    ]);
  });
  it('dockerd: the store that reads hosts.toml, and no mirror that it would go round', () => {
    const daemon: unknown = JSON.parse(fileOf('docker', plain, '/etc/docker/daemon.json'));
    expect(daemon).toEqual({
      features: { 'containerd-snapshotter': true },
      'insecure-registries': ['pratique.corp:5000'],
    });
    expect(fileOf('docker', plain, '/etc/docker/README.pratique')).toMatch(/WARNING[\s\S]*Deny egress/);
  });
  it('K3s: all registries, and no default endpoint', () => {
    const endpoint = ['https://pratique.corp'];
    expect(parse(fileOf('k3s', tls, '/etc/rancher/k3s/registries.yaml'))).toEqual({
      mirrors: { 'docker.io': { endpoint }, 'registry.corp:5443': { endpoint }, '*': { endpoint } },
      configs: { 'pratique.corp': { tls: { ca_file: '/etc/pratique/ca.crt' } } },
    });
    expect(parse(fileOf('k3s', tls, '/etc/rancher/k3s/config.yaml.d/pratique.yaml'))).toEqual({
      'disable-default-registry-endpoint': true,
    });
  });
  it('Talos: every mirror skips the fallback, in both forms', () => {
    const mirror = { endpoints: ['https://pratique.corp'], skipFallback: true };
    expect(parse(fileOf('talos', tls, '/pratique-machine.yaml'))).toEqual({
      machine: {
        registries: {
          mirrors: { 'docker.io': mirror, 'registry.corp:5443': mirror, '*': mirror },
          config: { 'pratique.corp': { tls: { ca: Buffer.from(ca).toString('base64') } } },
        },
      },
    });
    const documents = parseAllDocuments(fileOf('talos', tls, '/pratique-documents.yaml'));
    const values = documents.map((document) => document.toJS() as unknown);
    expect(values).toHaveLength(4);
    expect(values.slice(0, 3)).toEqual(
      ['docker.io', 'registry.corp:5443', '*'].map((name) => ({
        apiVersion: 'v1alpha1',
        kind: 'RegistryMirrorConfig',
        name,
        endpoints: [{ url: 'https://pratique.corp' }],
        skipFallback: true,
      })),
    );
    expect(values[3]).toEqual({
      apiVersion: 'v1alpha1',
      kind: 'RegistryTLSConfig',
      name: 'pratique.corp',
      ca,
    });
  });
});
