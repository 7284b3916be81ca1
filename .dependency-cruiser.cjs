/** Who may import whom. The layers are told in docs/architecture.md and in the README of each folder. */

/** Each part of src/ and what it may use, beside itself and what is everybody's. From the bottom to the top. */
const EVERYBODYS = ['errors', 'observability', 'config']
const LAYERS = {
  errors: [],
  observability: [],
  config: [],
  ports: [],
  storage: [],
  tls: ['storage'],
  log: ['storage'],
  auth: ['log', 'storage'],
  audit: ['storage'],
  explain: ['audit', 'log', 'storage'],
  inventory: ['storage'],
  users: ['auth', 'storage'],
  middleware: ['auth'],
  realtime: ['middleware', 'log', 'auth', 'audit', 'ports'],
  services: ['realtime', 'middleware', 'auth', 'audit', 'tls', 'ports'],
  utils: ['services', 'realtime'],
  controllers: ['services', 'ports'],
  http: ['explain', 'inventory', 'users', 'middleware', 'auth', 'log', 'tls', 'storage', 'ports'],
  composition: [
    'http',
    'tls',
    'realtime',
    'inventory',
    'users',
    'middleware',
    'audit',
    'explain',
    'auth',
    'log',
    'storage',
  ],
  commands: [
    'realtime',
    'explain',
    'audit',
    'users',
    'inventory',
    'auth',
    'log',
    'tls',
    'storage',
    'ports',
  ],
  app: ['composition', 'services', 'auth', 'storage'],
  main: ['app', 'storage'],
  cli: ['commands', 'main'],
  npx: ['cli'],
  index: ['services', 'utils', 'controllers', 'ports'],
}
const src = (names) => `^src/(${names.join('|')})(/|\\.ts$)`
/** Those without a layer below them, so that they are everybody's. */
const ALONE = new Set(EVERYBODYS)

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(LAYERS).map(([layer, below]) => ({
      name: `${layer}-uses-what-is-below-it`,
      severity: 'error',
      from: { path: src([layer]) },
      to: {
        path: '^src/',
        pathNot: src([layer, ...below, ...(ALONE.has(layer) ? [] : EVERYBODYS)]),
      },
    })),
    {
      name: 'every-part-has-a-layer',
      severity: 'error',
      from: { path: '^src/', pathNot: src(Object.keys(LAYERS)) },
      to: {},
    },
    {
      name: 'no-circles',
      comment: 'Parts that know each other are one part.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'rules-never-see-a-socket',
      comment: 'A change of stock or of a user reaches sockets through the log, never by a call.',
      severity: 'error',
      from: { path: src(['inventory', 'users', 'storage', 'log', 'auth', 'audit']) },
      to: { path: '(^|/)node_modules/(socket\\.io|engine\\.io|@socket\\.io|fastify|@fastify|ws)/' },
    },
    {
      name: 'stores-are-opened-in-one-place',
      comment: 'Others take a Database.',
      severity: 'error',
      from: { path: '^src/', pathNot: src(['storage']) },
      to: { path: '^src/storage/(pglite|postgres)\\.ts$' },
    },
    {
      name: 'packages-never-reach-into-the-server',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^src/' },
    },
    {
      name: 'packages-are-imported-by-name',
      severity: 'error',
      from: { path: '^(src|examples)/' },
      to: { path: '^packages/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'contracts-stand-alone',
      severity: 'error',
      from: { path: '^packages/contracts/src/' },
      to: { path: '^packages/(client|dashboard|demo)/' },
    },
    {
      name: 'browsers-load-no-schemas',
      comment:
        'zod is as large as the rest of the client: values come from @uzima/contracts/values.',
      severity: 'error',
      from: { path: '^packages/(client|dashboard)/src/' },
      to: {
        path: '^packages/contracts/src/',
        pathNot: '^packages/contracts/src/values\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'contract-values-need-no-zod',
      severity: 'error',
      from: { path: '^packages/contracts/src/values\\.ts$' },
      to: { path: '(^|/)node_modules/zod/', reachable: true },
    },
    {
      name: 'client-knows-the-contracts-only',
      severity: 'error',
      from: { path: '^packages/client/src/' },
      to: { path: '^packages/(dashboard|demo)/' },
    },
    {
      name: 'demo-knows-contracts-and-client-only',
      comment: 'The clinic is a client like any other; what runs its SQL is handed to it.',
      severity: 'error',
      from: { path: '^packages/demo/src/' },
      to: { path: '^(src|packages/dashboard)/' },
    },
    {
      name: 'the-demo-is-an-extra',
      comment:
        'The service knows nothing of its demo: only the first data and the command ask for it.',
      severity: 'error',
      from: {
        pathNot:
          '^(src/composition/first-data\\.ts|src/commands/demo\\.ts|test/demo/|packages/demo/)',
      },
      to: { path: '^packages/demo/' },
    },
    {
      name: 'server-without-tests-and-tools',
      severity: 'error',
      from: { path: '^(src|packages/[^/]+/src)/' },
      to: { path: '^(test|e2e|benchmarks|scripts|examples)/' },
    },
    {
      name: 'server-without-development-dependencies',
      severity: 'error',
      from: {
        path: '^(src|packages/(client|contracts|demo)/src)/',
        pathNot: '^packages/client/src/react/',
      },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'client-without-react',
      comment: 'The hooks are an entry of their own; React is whoever draws with it.',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: '^packages/client/src/react/' },
      to: { path: '^packages/client/src/react/|(^|/)node_modules/react/' },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // These have packages of their own, which are not installed here.
    exclude: {
      path: '(^|/)(dist|dist-types)/|^(\\.cache|coverage|data|reports|benchmarks/peers|examples/nestjs-backend)/',
    },
    tsConfig: { fileName: 'tsconfig.test.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs', '.json'],
    },
  },
}
