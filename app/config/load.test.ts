import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { loadConfig, parseConfig } from './load.ts';

const wrong: [string, string, RegExp][] = [
  [
    'an unknown key',
    'gaet:\n  hold: 25s\n',
    /pratique.yaml:1:1 gaet: found the unknown key "gaet", allowed .*gate.*did you mean "gate"/,
  ],
  ['a wrong type', 'listen:\n  registry: 5000\n', /2:13 listen.registry: found 5000, allowed HOST:PORT/],
  [
    'a port that cannot be',
    'listen:\n  registry: localhost:99999\n',
    /listen.registry: found "localhost:99999"/,
  ],
  ['a hold without unit', 'gate: { hold: 25 }', /gate.hold: found 25, allowed a time such as 25s or 5m/],
  [
    'a missing key',
    'upstreams:\n  - name: corp\n',
    /upstreams\[0\].url: found nothing, allowed an http:\/\/ or https:\/\/ address/,
  ],
  [
    'a url with a password',
    'upstreams:\n  - { name: corp, url: "https://u:p@x" }\n',
    /without path, query or credentials/,
  ],
  [
    'the reserved name',
    'upstreams:\n  - { name: hosted, url: "https://x" }\n',
    /any name but the reserved "hosted"/,
  ],
  [
    'a time for tags that is none',
    'upstreams: [{ name: a, url: "http://a", tagTtl: 60 }]',
    /tagTtl: found 60, allowed a time such as 60s or 5m, or 0s/,
  ],
  [
    'no wait for a stale tag',
    'upstreams: [{ name: a, url: "http://a", staleAfter: 0s }]',
    /staleAfter: found "0s", allowed a time such as 3s, above 0/,
  ],
  [
    'an immutable tag elsewhere',
    'hosted: { immutableTags: ["corp/**:v1"] }',
    /hosted.immutableTags.*found "corp.*allowed REPOSITORY:TAG below hosted/,
  ],
  ['a cache of a number', 'cache: { bytes: 200 }', /cache.bytes: found 200, allowed a size such as 200GiB/],
  ['a cache of another unit', 'cache: { bytes: 2XB }', /cache.bytes: found "2XB", allowed a size .*or "off"/],
  [
    'a disk that is kept free by half',
    'cache: { keepFree: 50% }',
    /cache.keepFree: found "50%", allowed a size/,
  ],
  ['an age without unit', 'cache: { age: 30 }', /cache.age: found 30, allowed a time such as .*or "off"/],
  ['no grace', 'cache: { grace: "off" }', /cache.grace: found "off", allowed a time such as/],
  [
    'a schedule that is empty',
    'cache: { schedule: "" }',
    /cache.schedule: found "", allowed a cron expression/,
  ],
  ['a schedule of a switch', 'cache: { schedule: false }', /cache.schedule: found false, allowed a cron/],
  [
    'a key of the cache that is none',
    'cache: { size: 1GiB }',
    /cache.size: found the unknown key "size", allowed bytes/,
  ],
  [
    'uploads that idle for ever',
    'hosted: { uploadIdle: "off" }',
    /hosted.uploadIdle: found "off", allowed a time/,
  ],
  [
    'uploads for ever',
    'hosted: { uploadExpiry: 24 }',
    /hosted.uploadExpiry: found 24, allowed a time such as/,
  ],
  [
    'a quota of an upstream',
    'hosted: { quotas: [{ repositories: "corp/**", bytes: 1GiB }] }',
    /hosted.quotas\[0\].repositories: found "corp.*allowed a pattern of hosted repositories/,
  ],
  [
    'a quota of nobody',
    'hosted: { quotas: [{ bytes: 1GiB }] }',
    /hosted.quotas\[0\]: .*allowed bytes with exactly one of repositories, user/,
  ],
  [
    'a quota of a user in repositories',
    'hosted: { quotas: [{ user: ci, repositories: "hosted/**", bytes: 1GiB }] }',
    /hosted.quotas\[0\]: .*allowed bytes with exactly one of repositories, user/,
  ],
  [
    'a quota of all that there is',
    'hosted: { quotas: [{ user: ci, bytes: "off" }] }',
    /hosted.quotas\[0\].bytes: found "off", allowed a size such as/,
  ],
  ...(
    [
      [
        'two kinds of credentials',
        '{ tokenFile: a, file: b }',
        /username with exactly one of .* found|allowed username/,
      ],
      ['a password of nobody', '{ passwordFile: a }', /allowed username with exactly one of/],
      ['a user without a password', '{ username: a }', /allowed username with exactly one of/],
    ] as const
  ).map(([what, credentials, message]): [string, string, RegExp] => [
    what,
    `upstreams:\n  - { name: corp, url: "https://x", credentials: ${credentials} }\n`,
    message,
  ]),
  ...(
    [
      ['half a client certificate', 'certificate: a', /certificate and key together/],
      ['a proxy that is none', 'proxy: "socks5://x"', /proxy: found .*, allowed an http/],
      [
        'a rate of nothing',
        'limits: { requestsPerSecond: 0 }',
        /requestsPerSecond: found 0, allowed a number of/,
      ],
      [
        'a pattern that is none',
        'repositories: { deny: ["A/*"] }',
        /deny\[0\]: found "A\/\*", allowed a pattern/,
      ],
      ['a mirror without an address', 'mirrors: [{ tags: true }]', /mirrors\[0\].url: found nothing/],
      ['a platform that is none', 'platforms: [linux]', /platforms\[0\]: found "linux", allowed os/],
      ['a timeout without unit', 'timeouts: { connect: 5 }', /timeouts.connect: found 5, allowed a time/],
    ] as const
  ).map(([what, keys, message]): [string, string, RegExp] => [
    what,
    `upstreams:\n  - { name: corp, url: "https://x", ${keys} }\n`,
    message,
  ]),
  ['a key twice', 'data: a\ndata: b\n', /pratique.yaml:2:1 .*unique/i],
  ['no YAML', 'listen: [', /pratique.yaml:1/],
  [
    'a bound port that is none',
    'listen: { bound: [{ upstream: a, at: 5001 }] }',
    /bound\[0\].at: found 5001/,
  ],
  [
    'bound to nothing',
    'listen: { bound: [{ upstream: a }] }',
    /bound\[0\]: .*a port \(at\), or hosts, or both/,
  ],
  [
    'a bound host that is none',
    'listen: { bound: [{ upstream: a, hosts: ["http://x"] }] }',
    /bound\[0\].hosts\[0\]: found "http:\/\/x", allowed a host as clients write it/,
  ],
  [
    'a stop that is no switch',
    'gate: { stopFallback: 300 }',
    /gate.stopFallback: found 300, allowed true or false/,
  ],
  [
    'a kind without its path',
    'webhook: { kinds: [{ group: argoproj.io, version: v1, kind: Rollout }] }',
    /webhook.kinds\[0\].*allowed podTemplate, podSpec or both/,
  ],
  [
    'a kind of a version and of versions',
    'webhook: { kinds: [{ group: a.io, version: v1, versions: [v2], kind: A, podSpec: spec }] }',
    /webhook.kinds\[0\].*allowed version or versions, and not both/,
  ],
  [
    'a path that is none',
    'webhook: { kinds: [{ group: a.io, version: v1, kind: A, podTemplate: "spec/template" }] }',
    /podTemplate: found "spec\/template", allowed a path such as spec.template/,
  ],
  [
    'a kind of no group',
    'webhook: { kinds: [{ group: "", version: v1, kind: A, podSpec: spec }] }',
    /kinds\[0\].group: found "", allowed an API group such as argoproj.io/,
  ],
  [
    'pinning of everything',
    'webhook: { mutate: { pin: all } }',
    /mutate.pin: found "all", allowed pods, or "off"/,
  ],
  [
    'a proxy of one word',
    'webhook: { mutate: { rewrite: { to: pratique } } }',
    /rewrite.to: found "pratique", allowed a host of the proxy, with a dot or its port/,
  ],
  ['half a certificate', 'webhook: { certificate: a.pem }', /certificate and key together/],
  [
    'to register a certificate of another',
    'webhook: { certificate: a, key: b, register: { configuration: x } }',
    /1:10 webhook: .*register, or a certificate and key of your own/,
  ],
  ...['0s', '11s', '1500ms', '1.5', '1,5s'].map((within): [string, string, RegExp] => [
    `Gatekeeper to be answered within ${within}`,
    `webhook: { gatekeeper: { within: "${within}" } }`,
    /webhook.gatekeeper.within: found "[^"]*", allowed a time from 0.1s to 10s/,
  ]),
  [
    'a team label that is none',
    'teamLabel: "my team"',
    /teamLabel: found "my team", allowed the name of a label/,
  ],
  ['a cluster without name', 'cluster: ""', /cluster: found "", allowed a text that is not empty/],
  [
    'to register nowhere',
    'webhook: { register: {} }',
    /webhook.register.configuration: found nothing, allowed the name of a ValidatingWebhookConfiguration/,
  ],
  [
    'to register at what is no name',
    'webhook: { register: { configuration: a/b } }',
    /webhook.register.configuration: found "a\/b"/,
  ],
];

describe('parseConfig', () => {
  it.each(wrong)('refuses %s and says where, what was found and what is allowed', (_name, text, message) => {
    expect(() => parseConfig(text, 'pratique.yaml')).toThrow(message);
  });
  it('takes an empty file for one without settings', () => {
    expect(parseConfig('', 'x').gate.hold).toBe('25s');
  });
});

describe('loadConfig', () => {
  it('works without a file: known registries, loopback ports, linux platforms', () => {
    const config = loadConfig({ file: null, data: null, env: {} });
    expect(config.upstreams.map(({ namespace }) => namespace)).toEqual([
      'docker.io',
      'ghcr.io',
      'quay.io',
      'registry.k8s.io',
      'gcr.io',
      'public.ecr.aws',
      'mcr.microsoft.com',
    ]);
    expect(config.listen).toEqual({
      gates: null,
      registry: { host: '127.0.0.1', port: 5000 },
      management: { host: '127.0.0.1', port: 5080 },
      webhook: { host: '127.0.0.1', port: 8443 },
      harborAdapter: { host: '127.0.0.1', port: 5090 },
      registryTls: null,
      trustedProxies: [],
      bound: [],
    });
    expect(config.hold).toBe(25_000);
    expect(config.dockerHold).toBe(300_000);
  });
  const read = (text: string) => {
    const file = join(temporaryDirectory(), 'pratique.yaml');
    writeFileSync(file, text);
    return loadConfig({ file, data: null, env: {} });
  };
  it.each([
    ['nothing', 'webhook: {}', null],
    [
      'a name',
      'webhook: { register: { configuration: pratique } }',
      { configuration: 'pratique', kubeconfig: null },
    ],
    [
      'a name and a file',
      'webhook: { register: { configuration: pratique, kubeconfig: /etc/kube } }',
      { configuration: 'pratique', kubeconfig: '/etc/kube' },
    ],
  ])('registers the webhook by %s', (_what, text, register) => {
    expect(read(text).webhook.register).toEqual(register);
  });
  it('keeps the webhook certificate in a Secret, and asks API servers for one', () => {
    const ca = '/etc/pratique/ca.crt';
    const { webhook, shutdownDelay } = read(
      `{ webhook: { secret: { name: a, namespace: b }, clientCa: ${ca}, clientNames: [c] }, shutdown: { delay: 5s } }`,
    );
    expect(webhook.secret).toEqual({ name: 'a', namespace: 'b', kubeconfig: null });
    expect([webhook.clients, shutdownDelay]).toEqual([{ ca, names: ['c'] }, 5000]);
    expect(read('').webhook).toMatchObject({ secret: null, clients: null, tls: null });
  });
  it.each([
    [
      'webhook: { secret: { name: A, namespace: b } }',
      'webhook.secret.name: found "A", allowed the name of a Secret',
    ],
    [
      'webhook: { secret: { name: a, namespace: b }, certificate: c, key: d }',
      'secret, or a certificate and key',
    ],
    ['webhook: { clientNames: [a] }', 'clientNames together with clientCa'],
    [
      'webhook: { breakGlass: { groups: [oncall], keyEnv: KEY } }',
      'webhook.breakGlass: found without webhook.clientCa and webhook.clientNames, allowed where the API server shows a certificate',
    ],
    [
      'webhook: { clientCa: ca.crt, breakGlass: { groups: [oncall], keyEnv: KEY } }',
      'webhook.breakGlass: found without webhook.clientNames, allowed',
    ],
    ['shutdown: { delay: 301s }', 'shutdown.delay: found "301s", allowed a time from 0s to 300s'],
  ])('refuses %s', (text, told) => {
    expect(() => read(text)).toThrow(told);
  });
  it.each([
    ['webhook: {}', false, null],
    ['webhook: { imagePolicy: true }', true, null],
    ['webhook: { gatekeeper: {} }', false, { within: 1500, clientCa: null }],
    ['webhook: { gatekeeper: { within: 0.8s } }', false, { within: 800, clientCa: null }],
  ])('opens doors by %s', (text, imagePolicy, gatekeeper) => {
    expect(read(text).webhook).toMatchObject({ imagePolicy, gatekeeper });
  });
  it.each([
    ['advisories: { with: [wolfi-secbd] }', 'advisories.with: found "wolfi-secbd", allowed chainguard-secdb'],
    ['advisories: { with: [epss] }', 'advisories.with: found "epss", allowed'],
    ['advisories: { without: [Debian] }', 'advisories.without: found "Debian", allowed alpine-secdb'],
    ['advisories: { from: "oci://r.test/a:1", native: true }', 'found native, with or without beside from'],
  ])('refuses feeds that are none: %s', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
  it('takes names of feeds', () => {
    const { advisories } = read('advisories: { with: [wolfi-secdb], without: ["osv:npm", kev, epss] }');
    expect([advisories.named, advisories.without]).toEqual([['wolfi-secdb'], ['osv:npm', 'kev', 'epss']]);
  });
  it('reads bounds of the cache and quotas, and has those that docs/configuration.md names', () => {
    const day = 24 * 3_600_000;
    expect(read('').cache).toEqual({
      bytes: null,
      keepFree: 1024 ** 3,
      age: null,
      grace: day,
      schedule: '41 2 * * *',
    });
    expect(read('').hosted).toMatchObject({ uploadIdle: 3_600_000, uploadExpiry: day, quotas: [] });
    const { cache, hosted } = read(
      [
        'cache: { bytes: 2GiB, keepFree: "off", age: 30d, grace: 90m, schedule: "off" }',
        'hosted: { uploadIdle: 5m, quotas: [{ user: "*", bytes: 1MiB }, { repositories: "hosted/a/**", bytes: 1KiB }] }',
      ].join('\n'),
    );
    expect(cache).toEqual({
      bytes: 2 * 1024 ** 3,
      keepFree: null,
      age: 30 * day,
      grace: 90 * 60_000,
      schedule: null,
    });
    expect([hosted.uploadIdle, hosted.quotas]).toEqual([
      300_000,
      [
        { kind: 'user', user: '*', bytes: 1024 ** 2 },
        { kind: 'repositories', pattern: 'hosted/a/**', bytes: 1024 },
      ],
    ]);
  });
  it('reads ports and hosts that are bound', () => {
    const entries =
      '[{ upstream: docker.io, at: "[::1]:5001", hosts: [hub.corp] }, { upstream: hosted, at: "127.0.0.1:0" }]';
    expect(read(`listen: { bound: ${entries} }`).listen.bound).toEqual([
      { upstream: 'docker.io', at: { host: '::1', port: 5001 }, hosts: ['hub.corp'] },
      { upstream: 'hosted', at: { host: '127.0.0.1', port: 0 }, hosts: [] },
    ]);
  });
  it('refuses to bind what is no upstream', () => {
    expect(() => read('listen: { bound: [{ upstream: dokcer.io, hosts: [hub.corp] }] }')).toThrow(
      /listen.bound\[0\].upstream: found "dokcer.io", allowed docker.io, ghcr.io/,
    );
  });
  it('refuses to register a webhook that is off', () => {
    expect(() => read('listen: { webhook: "off" }\nwebhook: { register: { configuration: x } }')).toThrow(
      /pratique.yaml webhook.register: found with listen.webhook "off"/,
    );
  });
  it('reads kinds of its own, by one version or several', () => {
    const template = { holds: 'template', steps: [{ key: 'spec' }, { key: 'template' }] };
    const spec = { holds: 'spec', steps: [{ key: 'spec' }] };
    const rollout = '{ group: argoproj.io, version: v1alpha1, kind: Rollout, podTemplate: spec.template }';
    const other = '{ group: a.io, versions: [v1, v2], kind: A, podTemplate: [spec.template], podSpec: spec }';
    expect(read(`webhook: { kinds: [${rollout}, ${other}] }`).webhook.kinds).toEqual([
      { group: 'argoproj.io', versions: ['v1alpha1'], kind: 'Rollout', paths: [template] },
      { group: 'a.io', versions: ['v1', 'v2'], kind: 'A', paths: [template, spec] },
    ]);
    expect(() => read(`webhook: { kinds: [${rollout}, ${rollout}] }`)).toThrow(
      /webhook.kinds\[1\]: found argoproj.io\/v1alpha1\/Rollout, allowed a kind that is not read already/,
    );
    expect(() =>
      read('webhook: { kinds: [{ group: apps, version: v1, kind: Deployment, podSpec: spec }] }'),
    ).toThrow(/webhook.kinds\[0\]: found apps\/v1\/Deployment/);
  });
  it('pins Pods unless told otherwise, and names images through the proxy by a name that it has', () => {
    expect(read('').webhook.mutate).toEqual({ pin: true, templates: false, rewriteTo: null });
    const to = (host: string) =>
      `publicNames: [proxy.corp]\nwebhook: { mutate: { rewrite: { to: "${host}" } } }`;
    expect(read(to('Proxy.corp:443')).webhook.mutate.rewriteTo).toBe('proxy.corp');
    expect(() => read(to('other.corp'))).toThrow(
      /webhook.mutate.rewrite.to: found "other.corp", allowed one of publicNames \(proxy.corp\)/,
    );
  });
  it('names a file that cannot be read', () => {
    expect(() => loadConfig({ file: '/nowhere/pratique.yaml', data: null, env: {} })).toThrow(
      /\/nowhere\/pratique.yaml cannot be read/,
    );
  });
});
