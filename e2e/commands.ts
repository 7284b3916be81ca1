/** Where a command that a document shows is run, or why it is not: one of the three. */
interface Run {
  readonly command: RegExp
  /** A line of `.ci/run`. */
  readonly gate?: string
  /** A file of tests, and the name of the one that does what the command does. */
  readonly test?: readonly [file: string, name: string]
  readonly reason?: string
}

const README_TEST = ['e2e/readme.test.ts', 'shows an event in another terminal'] as const
const PACKED_TEST = ['e2e/packed.test.ts', 'npx uzima-realtime serves everything'] as const
const COPIES_TEST = ['e2e/copies.test.ts', 'a clinic is copied while it works'] as const
const KEPT_COPIES_TEST = [
  'e2e/kept-copies.test.ts',
  'a server keeps as many copies as it is told',
] as const
const DUMP_TEST = ['e2e/dump.test.ts', 'clients that have seen more than a dump'] as const
const UPDATE_TEST = [
  'e2e/update/update.test.ts',
  'with the power cut or its process killed',
] as const
const TAKES_LONG = 'it takes from two minutes to an hour, and its result is for a person to read'

/** Of every command in every document. */
export const RUNS: readonly Run[] = [
  {
    command: /^NODE_OPTIONS='--import/,
    test: ['test/observability/journey.pg.test.ts', 'goes from the caller'],
  },
  { command: /^npm ci$/, gate: 'npm ci' },
  { command: /^npm test$/, gate: 'npm ci && npm test' },
  { command: /^npm start$/, test: README_TEST },
  { command: /^\.ci\/run$/, reason: 'it runs the test that reads this' },
  { command: /^npm run check$/, test: ['e2e/readme.test.ts', 'a check of everything'] },
  { command: /^npx uzima listen$/, test: README_TEST },
  { command: /^npx uzima send hello /, test: README_TEST },
  {
    command: /^sudo uzima https$/,
    test: ['test/commands/https.test.ts', 'makes the certificates once'],
  },
  { command: /^node examples\/client\/client\.js /, test: README_TEST },
  { command: /^npm run demo$/, test: ['e2e/demo.test.ts', 'sees a day of a clinic arrive'] },
  { command: /^npm pack$/, test: PACKED_TEST },
  { command: /^npm install \.\/uzima-realtime-\*\.tgz$/, test: PACKED_TEST },
  { command: /^npx uzima-realtime$/, test: PACKED_TEST },
  {
    command: /^node examples\/express-backend\/server\.js$/,
    test: ['e2e/examples.test.ts', 'the client prints what the back end sends'],
  },
  {
    command: /^(?:psql "\$DATABASE_URL"|EXAMPLE_PASSWORD='a long password' node) /,
    test: [
      'e2e/integration.test.ts',
      'ends live sockets of whom plain SQL on its table deactivates',
    ],
  },
  {
    command: /^(?:CLIENT_URL=http:\/\/localhost:5173 npm start|npx vite examples\/react)$/,
    test: ['e2e/integration.test.ts', 'shows the stock live to whom the service lets in'],
  },
  {
    command: /^node examples\/fastify-backend\/server\.js$/,
    test: ['e2e/integration.test.ts', 'has its routes and authenticated sockets on one port'],
  },
  {
    command: /^JWT_SECRET=.* node examples\/moving\/server\.js$/,
    test: ['e2e/integration.test.ts', 'lets a client of either hear everything once'],
  },
  {
    command: /^(?:python3 |\.cache\/python\/bin\/python )/,
    gate: 'npm run --silent test:examples -- python',
  },
  {
    command: /^(?:npm run test:examples|mvn|java|cargo run)\b/,
    reason: 'each needs a tool or packages that this repository does not install, and says so',
  },
  {
    command: /^uzima stock (?:check|mend)/,
    test: [
      'test/commands/without-server.test.ts',
      'tells what differs from the lots, and mends it',
    ],
  },
  {
    command: /^uzima (?:grant |user (?:data|deactivate|erase|erasures)\b)/,
    test: [
      'test/commands/with-server.test.ts',
      'manages users through the server, and their live sessions follow',
    ],
  },
  {
    command: /^uzima (?:break-glass|reviews?)\b/,
    test: [
      'test/commands/with-server.test.ts',
      'takes a role in an emergency, and has it reviewed by somebody else',
    ],
  },
  { command: /^uzima (?:backup|restore|move)\b/, test: COPIES_TEST },
  {
    command: /^uzima audit (?:key|checkpoint|export|verify|answer)\b/,
    test: ['e2e/audit-walk.test.ts', 'an auditor without the database'],
  },
  { command: /^sudo uzima doctor$/, test: KEPT_COPIES_TEST },
  { command: /^sudo uzima restore |^sudo mv .*pglite/, test: COPIES_TEST },
  {
    command:
      /^(?:tar -xzf uzima|(?:sudo )?sh package\/deploy\/clinic\/install\.sh|uzima\/keep-running)/,
    test: UPDATE_TEST,
  },
  { command: /^sudo uzima update\b/, test: UPDATE_TEST },
  {
    command: /^sh package\/deploy\/clinic\/whole\.sh/,
    reason: 'it needs the registry of npm; npm run test:walk does it',
  },
  { command: /^mv .*pglite/, test: COPIES_TEST },
  { command: /^(?:pg_dump|pg_restore|createdb|psql) /, test: DUMP_TEST },
  {
    command: /^(?:sudo )?(?:useradd|install|npm install --prefix|systemctl|journalctl) /,
    reason: 'it needs root on a machine with systemd; npm run test:deploy checks the unit',
  },
  {
    command: /^(?:cp deploy\/|docker compose |kubectl )/,
    reason: 'it needs a daemon; test/deploy and npm run test:deploy check the files',
  },
  {
    command: /^npm run release -- /,
    test: ['test/build/release.test.ts', 'a release writes its version everywhere'],
  },
  { command: /^npm run test:faults -- /, gate: 'npm run --silent test:faults -- --short' },
  { command: /^npm run test:fuzz -- /, test: ['test/fuzz/fuzz.pg.test.ts', 'answers any request'] },
  {
    command:
      /^npm run (?:test:(?:long|chaos|stock|writes|power-cut|weak-network|histories|deploy|upgrade|audit-walk|walk))\b/,
    reason: TAKES_LONG,
  },
  { command: /^npm run (?:bench|figures:\w+)\b/, reason: TAKES_LONG },
  {
    command: /^npm run (?:picture|recording)$/,
    reason: 'what it draws is for a person to look at',
  },
]

export const findRun = (command: string): Run | undefined =>
  RUNS.find((run) => run.command.test(command))

/** The commands of a block of shell, one each; a list of settings has none. */
export const commandsIn = (code: string): string[] =>
  code
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(?:^| )#.*$/, '').trim())
    .filter((line) => line !== '' && !/^[A-Z_]+=\S*$/.test(line))
    .flatMap((line) => line.split(' && '))
