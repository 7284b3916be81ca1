import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What is installed: its number, its newest migration, and whether its server ever becomes ready. */
export interface Fake {
  readonly version: string
  readonly schema: number
  readonly serves: 'well' | 'never-ready' | 'not-at-all'
}

/**
 * Packs a server that stands for one of ours and takes a tenth of a second instead of ten: a folder of text instead of a
 * database, and the same commands around it. Everything that acts on it is real: the scripts of deploy/clinic, and
 * `uzima update` of the built tree, which it hands on to. `npm run test:walk` does the same with real packages. The file has the form
 * that deploy/clinic/whole.sh makes, so that npm is not needed.
 */
export const packFake = async (folder: string, fake: Fake): Promise<string> => {
  const work = await mkdtemp(join(folder, 'pack-'))
  const tree = join(work, 'node_modules', 'uzima-realtime')
  await mkdir(join(tree, 'dist'), { recursive: true })
  await mkdir(join(tree, 'migrations'))
  const { version, schema } = fake
  const manifest = { name: 'uzima-realtime', version, type: 'module' }
  await writeFile(join(tree, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(tree, 'migrations', `${schema.toString().padStart(4, '0')}-x.sql`), '')
  await writeFile(join(tree, 'dist', 'cli.js'), programOf(fake))
  const file = join(folder, `uzima-realtime-${version}.tgz`)
  await run('tar', ['-czf', file, '-C', work, 'node_modules'])
  await rm(work, { recursive: true })
  return file
}

const programOf = ({ version, schema, serves }: Fake): string => `
import { appendFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
const [command, argument] = process.argv.slice(2)
const store = process.env.DATA_DIR + '/pglite'
const found = () => Number(readFileSync(store + '/schema', 'utf8'))
const copy = (from, to) => {
  const draft = to + '.' + process.pid
  cpSync(from, draft, { recursive: true })
  rmSync(to, { recursive: true, force: true })
  renameSync(draft, to)
}
const write = (name, text) => {
  writeFileSync(store + '/' + name + '.new', text)
  renameSync(store + '/' + name + '.new', store + '/' + name)
}
const serve = () => {
  if (!existsSync(store + '/PG_VERSION')) {
    mkdirSync(store, { recursive: true })
    write('rows', '')
    write('schema', '${schema.toString()}')
    write('PG_VERSION', '18')
  }
  if (found() > ${schema.toString()}) throw new Error('Start the newer program.')
  write('schema', '${schema.toString()}')
  const isReady = ${String(serves === 'well')}
  createServer((request, response) => {
    if (request.url === '/version') return response.end('${version}')
    if (!isReady) return response.writeHead(503).end()
    if (request.method === 'POST') appendFileSync(store + '/rows', request.url.slice(1) + '\\n')
    response.end()
  }).listen(Number(process.env.PORT), '127.0.0.1')
}
const commands = {
  update: () => import(${JSON.stringify(pathToFileURL('dist/cli.js').href)}),
  backup: () => {
    mkdirSync(argument)
    copy(store, argument + '/pglite')
  },
  restore: () => copy(argument + '/pglite', store),
  log: () => process.exit(found() > ${schema.toString()} ? 1 : 0),
  serve: () => {
    if (${String(serves === 'not-at-all')}) throw new Error('It is broken.')
    serve()
  },
}
await commands[command]()
`
