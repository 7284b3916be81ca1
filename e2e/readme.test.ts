import {
  ERRORS,
  isErrorCode,
  PERMISSIONS,
  PROTOCOL_VERSION,
  RESET_REASONS,
  SERVER_EVENTS,
} from '@uzima/contracts'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FAILURE_CODES } from '../src/commands/failure.js'
import { SETTINGS } from '../src/config/schema.js'
import { ROUTES } from '../test/http/routes.js'
import { makeDataFolder } from '../test/support/data-folder.js'
import { startProgram } from '../test/support/program.js'
import { startServer } from '../test/support/server.js'
import { createTestDatabase } from '../test/support/world.js'
import { commandsIn, findRun, RUNS } from './commands.js'
import { diagnosticsOf, syntaxErrorOf } from './compile.js'
import {
  allFencesOf,
  anchorsOf,
  fencesOf,
  filesNamedIn,
  hasTest,
  isInRepository,
  linksOf,
  readDocuments,
  readRepositoryFile,
  tableOf,
} from './documents.js'

const withoutTicks = (cell = ''): string => cell.replaceAll('`', '')

describe('the documents', () => {
  it('link to files and headings that exist', async () => {
    const documents = await readDocuments()
    const anchors = new Map(documents.map((document) => [document.path, anchorsOf(document)]))
    const dead = documents.flatMap((document) =>
      linksOf(document)
        .filter(
          ({ file, anchor }) =>
            !isInRepository(file) || (anchor !== '' && anchors.get(file)?.has(anchor) !== true),
        )
        .map(({ file, anchor }) => `${document.path}: ${file}#${anchor}`),
    )
    expect(dead).toEqual([])
  })

  it('name files and folders that exist', async () => {
    const named = (await readDocuments()).flatMap(({ path, text }) =>
      filesNamedIn(text).map((name) => ({ path, name })),
    )
    expect(named.length).toBeGreaterThan(100)
    const isThere = ({ path, name }: { path: string; name: string }): boolean =>
      isInRepository(name) || isInRepository(join(dirname(path), name))
    expect(named.filter((one) => !isThere(one))).toEqual([])
  })

  it('name scripts of package.json and commands of uzima that exist', async () => {
    const { scripts } = JSON.parse(await readRepositoryFile('package.json')) as { scripts: object }
    await using help = await startProgram(['dist/cli.js', '--help'])
    await help.says(/display help/)
    const unknown: string[] = []
    for (const { path, text } of await readDocuments()) {
      for (const [command, name = ''] of text.matchAll(/\bnpm run ([\w:-]+)/g)) {
        if (!Object.hasOwn(scripts, name)) unknown.push(`${path}: ${command}`)
      }
      for (const [command, name = ''] of text.matchAll(/(?:npx |`)uzima ([a-z]+)/g)) {
        if (!new RegExp(`^ {2}${name}\\b`, 'm').test(help.output())) {
          unknown.push(`${path}: ${command}`)
        }
      }
    }
    expect(unknown).toEqual([])
  })

  it('name settings and codes that exist', async () => {
    const clientErrors = await readRepositoryFile('packages/client/src/errors.ts')
    const known = new Set([
      ...[...clientErrors.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code = '']) => code),
      ...Object.values(SETTINGS).map(({ variable }) => variable),
      ...Object.keys(FAILURE_CODES),
      ...[
        'REALTIME_NOT_BOUND',
        'REALTIME_ALREADY_BOUND',
        'READ COMMITTED',
        'REPEATABLE READ',
        'NODE_EXTRA_CA_CERTS',
      ],
    ])
    const isTestSetting = (name: string): boolean => /^(?:TEST_|CHROME_|UZIMA_)/.test(name)
    const unknown = (await readDocuments()).flatMap(({ path, text }) =>
      [...text.matchAll(/`([A-Z]+_[A-Z_]+)\b/g)]
        .map(([, name = '']) => name)
        .filter((name) => !known.has(name) && !isErrorCode(name) && !isTestSetting(name))
        .map((name) => `${path}: ${name}`),
    )
    expect(unknown).toEqual([])
  })

  it('have TypeScript that compiles', async () => {
    const files = (await readDocuments()).flatMap((document) =>
      fencesOf(document, 'ts').map((code, index) => [
        `examples/${document.path.replaceAll('/', '-')}-${String(index)}.ts`,
        code,
      ]),
    )
    expect(files.length).toBeGreaterThanOrEqual(3)
    expect(diagnosticsOf(Object.fromEntries(files) as Record<string, string>)).toEqual([])
  })

  it('have code of a known language only, without an error of syntax', async () => {
    const fences = (await readDocuments()).flatMap((document) =>
      allFencesOf(document).map((fence) => ({ path: document.path, ...fence })),
    )
    expect(fences.length).toBeGreaterThan(50)
    const wrong = fences.flatMap((fence) => {
      const error = syntaxErrorOf(fence)
      return error === undefined ? [] : [`${fence.path}: ${error}\n${fence.code}`]
    })
    expect(wrong).toEqual([])
    for (const form of ['bug', 'idea', 'config']) {
      const code = await readRepositoryFile(`.github/ISSUE_TEMPLATE/${form}.yml`)
      expect(syntaxErrorOf({ language: 'yaml', code }), form).toBeUndefined()
    }
    expect(syntaxErrorOf({ language: 'sh', code: 'if true' })).toBeDefined()
    expect(syntaxErrorOf({ language: 'js', code: 'const = 1' })).toBeDefined()
    expect(syntaxErrorOf({ language: 'yaml', code: 'a: [' })).toBeDefined()
    expect(syntaxErrorOf({ language: 'cobol', code: '' })).toBeDefined()
  })

  it('show commands that a test or a gate runs, or that say why none does', async () => {
    const commands = (await readDocuments()).flatMap((document) =>
      fencesOf(document, 'sh').flatMap((code) => commandsIn(code)),
    )
    expect(commands.length).toBeGreaterThan(30)
    expect(commands.filter((command) => findRun(command) === undefined)).toEqual([])
    const unused = RUNS.filter((run) => !commands.some((command) => run.command.test(command)))
    expect(unused).toEqual([])

    const ci = await readRepositoryFile('.ci/run')
    for (const { gate, test } of RUNS) {
      if (gate !== undefined) expect(ci).toContain(gate)
      if (test !== undefined)
        expect({ test, isThere: await hasTest(...test) }).toMatchObject({ isThere: true })
    }
  })

  it('show a check of everything that needs no service whose parts are all gates of .ci/run', async () => {
    const { scripts } = JSON.parse(await readRepositoryFile('package.json')) as {
      scripts: { check: string }
    }
    const ci = await readRepositoryFile('.ci/run')
    const parts = [...scripts.check.matchAll(/npm run --silent ([\w:]+)/g)].map(([part]) => part)
    expect(parts.length).toBeGreaterThan(5)
    // The unit tests are a part of `npm test`.
    expect(parts.filter((part) => !ci.includes(part) && !part.endsWith('test:unit'))).toEqual([])
  })

  it('keep decisions short and in one form', async () => {
    const decisions = (await readDocuments()).filter(({ path }) =>
      path.startsWith('docs/decisions/'),
    )
    expect(decisions.length).toBeGreaterThanOrEqual(13)
    for (const { path, text } of decisions) {
      const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
      const wanted = ['Context', 'Decision', 'Alternatives', 'Consequences', 'Revisit when']
      expect({ path, headings }).toEqual({ path, headings: wanted })
      expect(text.split('\n').length, path).toBeLessThanOrEqual(61)
    }
  })
})

describe('the start of the README', () => {
  it('shows an event in another terminal, by its own commands', async () => {
    const readme = await readRepositoryFile('README.md')
    const { scripts } = JSON.parse(await readRepositoryFile('package.json')) as { scripts: object }
    // So that what is started below is what `npm start` starts.
    expect(scripts).toMatchObject({
      prestart: 'node scripts/ensure-built.js',
      start: 'node dist/main.js',
    })
    for (const command of [
      'npx uzima listen\n',
      `npx uzima send hello '{"from":"the third terminal"}' --all\n`,
      'node examples/client/client.js http://localhost:3000 "$(npx uzima token admin)"\n',
    ]) {
      expect(readme).toContain(command)
    }
    await using data = await makeDataFolder()
    await using server = await startServer({ dataDir: data.path })
    const env = { DATA_DIR: server.dataDir, NODE_ENV: 'development' }
    await using listen = await startProgram(['dist/cli.js', 'listen'], { env })
    await listen.says(/Connected at .* as admin/)
    await using token = await startProgram(['dist/cli.js', 'token', 'admin'], { env })
    const [jws = ''] = await token.says(/^[\w-]+\.[\w-]+\.[\w-]+$/m)
    await using client = await startProgram(['examples/client/client.js', server.url, jws])
    await client.says(/^Connected as: admin$/m)

    const message = ['send', 'hello', '{"from":"the third terminal"}', '--all']
    await using send = await startProgram(['dist/cli.js', ...message], { env })
    await send.says(/Sent hello to everybody/)
    await listen.says(/hello +\{"from":"the third terminal"\}/)
  })
})

describe('docs/architecture.md', () => {
  it('names a file for each step of each life', async () => {
    const architecture = await readRepositoryFile('docs/architecture.md')
    const lives = architecture.split(/^## /m).filter((part) => part.startsWith('The life of a'))
    expect(lives.map((life) => /^.*/.exec(life)?.[0])).toEqual([
      'The life of a change',
      'The life of a message',
      'The life of a handshake',
      'The life of a revocation',
      'The life of a resume',
    ])
    const steps = lives.flatMap((life) => life.split(/^\d\. /m).slice(1))
    expect(steps.length).toBeGreaterThan(20)
    expect(steps.filter((step) => filesNamedIn(step).length === 0)).toEqual([])
  })
})

const COME_BACK = { no: 'no', later: 'yes', with_new_token: 'with a new token' }
describe('docs/operations.md', () => {
  it('names for each thing that an administrator may set tests that exist', async () => {
    const operations = await readRepositoryFile('docs/operations.md')
    const rows = tableOf(operations, 'setting or state')
    expect(rows.length).toBeGreaterThan(15)
    const missing: string[] = []
    for (const [what = '', , tests = ''] of rows) {
      const named = [...tests.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g)]
      if (named.length === 0) missing.push(`${what}: no test`)
      for (const [, name = '', path = ''] of named) {
        if (!(await hasTest(path, name))) missing.push(`${path}: ${name}`)
      }
    }
    expect(missing).toEqual([])
  })
})

describe('PROTOCOL.md', () => {
  const readProtocol = (): Promise<string> => readRepositoryFile('PROTOCOL.md')

  it('has the version and the refusals of the contract', async () => {
    const protocol = await readProtocol()
    expect(protocol).toContain(`Protocol version: ${String(PROTOCOL_VERSION)}.`)
    for (const [code = '', message, comeBack] of tableOf(protocol, 'code')) {
      const name = withoutTicks(code)
      if (!isErrorCode(name)) throw new Error(`${name} is no code of the contract.`)
      const definition = ERRORS[name]
      expect({ name, message, comeBack }).toEqual({
        name,
        message: definition.message,
        comeBack: COME_BACK[definition.comeBack],
      })
    }
  })

  it('has the events, reasons and permissions of the contract', async () => {
    const protocol = await readProtocol()
    const firstCells = (heading: string): string[] =>
      tableOf(protocol, heading).map(([cell]) => withoutTicks(cell))
    expect(firstCells('event').sort()).toEqual(Object.keys(SERVER_EVENTS).sort())
    expect(firstCells('`reason`').sort()).toEqual([...RESET_REASONS].sort())
    const permissions = tableOf(protocol, 'permission').map(([name, roles = '']) => [
      withoutTicks(name),
      roles.split(', '),
    ])
    expect(Object.fromEntries(permissions)).toEqual(PERMISSIONS)
  })

  it('names routes that exist', async () => {
    const paths = [...(await readProtocol()).matchAll(/\/api\/[a-z-]+(?:\/[a-z{}A-Z-]+)*/g)]
    const unknown = paths
      .map(([path]) => path)
      .filter((path) => !ROUTES.some((r) => r.path === path))
    expect(unknown).toEqual([])
  })

  it('has SQL that runs, and is heard of', async () => {
    await using database = await createTestDatabase()
    await database.script(`
      insert into inventory_items (sku, name) values ('ORS-1', 'Oral rehydration salts');
      insert into inventory_lots (sku, lot_number, quantity, expiry_date)
      values ('ORS-1', 'A1', 40, '2099-12-31')`)
    for (const document of await readDocuments()) {
      for (const script of fencesOf(document, 'sql')) await database.script(script)
    }
    const [movement] = await database.query(
      'select actor, reason, delta from stock_movements order by id desc limit 1',
    )
    expect(movement).toEqual({ actor: 'stocktake-2026', reason: 'yearly count', delta: -2 })
  })

  it('names for each invariant tests that exist', async () => {
    const [, invariants = ''] = (await readProtocol()).split('## Invariants')
    const tests = [...invariants.matchAll(/^- (.+) \(\[(.+)\]\(\2\)\)$/gm)]
    expect(invariants.match(/^\*\*I\d+ /gm)).toHaveLength(12)
    expect(tests.length).toBeGreaterThan(20)
    const missing: string[] = []
    for (const [, name = '', path = ''] of tests) {
      if (!(await hasTest(path, name))) missing.push(`${path}: ${name}`)
    }
    expect(missing).toEqual([])
  })
})
