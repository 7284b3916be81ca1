/** Who may import whom. The order of the layers is told in docs/architecture.md. */

const EVERYBODYS = 'errors|observability|config'
const src = (names) => `^src/(${names})(/|\\.ts$)`
const only = (names) => ({ path: '^src/', pathNot: src(`${names}|${EVERYBODYS}`) })

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Parts that know each other are one part.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'errors-and-observability-stand-alone',
      comment: 'Everyone may import them, so they import nobody.',
      severity: 'error',
      from: { path: src('errors|observability') },
      to: { path: '^src/', pathNot: src('errors|observability') },
    },
    {
      name: 'storage-knows-nobody-above',
      severity: 'error',
      from: { path: src('storage') },
      to: only('storage'),
    },
    {
      name: 'log-knows-storage-only',
      severity: 'error',
      from: { path: src('log') },
      to: only('log|storage'),
    },
    {
      name: 'auth-knows-storage-and-log-only',
      severity: 'error',
      from: { path: src('auth') },
      to: only('auth|log|storage'),
    },
    {
      name: 'inventory-sees-the-database-only',
      comment: 'A stock change reaches sockets through the log, never by a call.',
      severity: 'error',
      from: { path: src('inventory') },
      to: only('inventory|storage|auth'),
    },
    {
      name: 'users-see-the-database-only',
      comment: 'A user change reaches sockets through the log, never by a call.',
      severity: 'error',
      from: { path: src('users') },
      to: only('users|storage|auth'),
    },
    {
      name: 'rules-never-see-a-socket',
      severity: 'error',
      from: { path: src('inventory|users|storage|log|auth|audit') },
      to: { path: '(^|/)node_modules/(socket\\.io|engine\\.io|@socket\\.io|fastify|@fastify|ws)/' },
    },
    {
      name: 'realtime-knows-no-business',
      comment: 'The hub delivers entries of the log; what they mean is not its affair.',
      severity: 'error',
      from: { path: src('realtime|middleware') },
      to: {
        path: src('inventory|users|controllers|http|services|commands|app|main|cli|index'),
      },
    },
    {
      name: 'http-and-sockets-are-siblings',
      severity: 'error',
      from: { path: src('http') },
      to: { path: src('controllers|services|commands|realtime|app|main|cli|index') },
    },
    {
      name: 'facade-is-for-the-outside',
      comment:
        'Inside the server take a Publisher; the module-level functions are for user code. Two files ' +
        'offer such functions themselves and hold no state: they look the hub up at each call.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          src('app|main|index|cli|commands|services'),
          '^src/(utils/websocketUtils|controllers/inventoryWsController)\\.ts$',
        ],
      },
      to: { path: '^src/services/' },
    },
    {
      name: 'only-the-composition-root-opens-stores',
      comment: 'Others take a Database.',
      severity: 'error',
      from: { path: '^src/', pathNot: src('app|commands|services|storage') },
      to: { path: '^src/storage/(pglite|postgres)\\.ts$' },
    },
    {
      name: 'nobody-imports-the-composition-root',
      severity: 'error',
      from: { path: '^src/', pathNot: src('main|serve|cli|index|commands') },
      to: { path: '^src/(app|main|cli|index)\\.ts$' },
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
          '^(src/prepare-data\\.ts|src/composition/first-data\\.ts|src/commands/demo\\.ts|test/demo/|packages/demo/)',
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
      from: { path: '^(src|packages/(client|contracts|demo)/src)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
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
    exclude: { path: '(^|/)(dist|dist-types)/|^(\\.cache|coverage|data|reports)/' },
    tsConfig: { fileName: 'tsconfig.test.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs', '.json'],
    },
  },
}
