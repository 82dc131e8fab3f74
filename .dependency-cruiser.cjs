// The house rule: a room imports only from the rooms named here (docs/architecture.md).
const rooms = {
  core: [],
  registry: ['core'],
  scanner: ['core'],
  advisories: ['core'],
  policy: ['core'],
  vetting: ['core', 'registry', 'scanner', 'advisories', 'policy'],
  db: ['core'],
  proxy: ['core', 'registry'],
  webhook: ['core', 'policy'],
  sbom: ['core'],
  reports: ['core', 'policy'],
  events: ['core'],
  'harbor-adapter': ['core', 'registry', 'sbom'],
  scanners: ['core', 'registry'],
};
// A package with a home: it may be imported there alone.
const homes = {
  'better-sqlite3': '^db/',
  '@marcbachmann/cel-js': '^policy/expressions/',
  re2js: '^policy/expressions/',
  '@kubernetes/client-node': '^webhook/',
  'http-proxy-middleware': '^proxy/',
  'node-cron': '^app/',
};
// Where the command line and each of its threads begin.
const entries = '^app/(cli|report-worker|workers/[^/]+-(tasks|worker))\\.ts$|^db/state-worker\\.ts$';
const all = [...Object.keys(rooms), 'app', 'deploy', 'demo', 'test', 'bench'];

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `room-${room}`,
      severity: 'error',
      comment: `${room}/ may import only from: ${['itself', ...allowed].join(', ')}`,
      from: { path: `^${room}/`, pathNot: '\\.test\\.ts$' },
      to: { path: `^(${all.filter((other) => other !== room && !allowed.includes(other)).join('|')})/` },
    })),
    ...Object.keys(rooms).map((room) => ({
      name: `test-of-${room}`,
      severity: 'error',
      comment: `a unit test in ${room}/ sees what its room sees, and test/support`,
      from: { path: `^${room}/.*\\.test\\.ts$` },
      to: {
        path: `^(${all.filter((other) => other !== room && !rooms[room].includes(other)).join('|')})/`,
        pathNot: '^test/support/',
      },
    })),
    ...Object.entries(homes).map(([name, home]) => ({
      name: `home-of-${name}`,
      severity: 'error',
      from: { pathNot: home },
      to: { path: `node_modules/${name}/` },
    })),
    {
      name: 'core-imports-nothing',
      severity: 'error',
      from: { path: '^core/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm', 'npm-dev'] },
    },
    {
      name: 'no-test-code',
      severity: 'error',
      from: { pathNot: '^(deploy|demo|test|bench)/|\\.test\\.ts$' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-samples',
      severity: 'error',
      comment: 'samples are the stuff of tests and are not packed',
      from: { pathNot: '\\.test\\.ts$|(^|/)samples[^/]*\\.ts$|^test/fuzz/' },
      to: { path: '(^|/)samples[^/]*\\.ts$' },
    },
    {
      name: 'deploy-is-an-end',
      severity: 'error',
      comment: 'tools that make what lies in deploy/; nothing of the program needs them',
      from: { pathNot: '^(deploy|test)/' },
      to: { path: '^deploy/' },
    },
    {
      name: 'demo-is-an-end',
      severity: 'error',
      from: { pathNot: '^demo/' },
      to: { path: '^demo/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: '\\.test\\.ts$|^test/|^bench/|^deploy/|^demo/main\\.ts$|^app/cli\\.ts$',
      },
      to: {},
    },
    {
      name: 'reachable',
      severity: 'error',
      comment: 'what neither the command line nor one of its threads reaches is there for nobody',
      from: { path: entries },
      to: {
        path: `^(${Object.keys(rooms).join('|')}|app)/`,
        pathNot: `${entries}|\\.test\\.ts$|(^|/)samples[^/]*\\.ts$`,
        reachable: false,
      },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared',
      severity: 'error',
      from: { pathNot: '^(deploy|demo|test|bench)/|\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    exclude: { path: '^dist/' },
  },
};
