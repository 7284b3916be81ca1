import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseDatabaseUrl } from '../../src/config/database-url.js'
import { loadConfig } from '../../src/config/load.js'
import { openDatabase } from '../../src/storage/open.js'
import { freePort } from '../support/server-process.js'

const quiet = { onError: () => undefined, onHung: () => undefined }

/** All that a person reads of this URL: from the settings, and from a start where nothing listens. */
const told = async (url: string): Promise<string> => {
  const lines: string[] = []
  try {
    loadConfig({ NODE_ENV: 'test', DATABASE_URL: url })
  } catch (error) {
    lines.push(String(error))
  }
  await openDatabase({ databaseUrl: url, dataDir: '' }, quiet).then(
    (database) => database.close(),
    (error: unknown) => lines.push(String(error)),
  )
  return lines.join('\n')
}

/** Every way in which somebody may write a URL with a password, most of them wrong. */
const FORMS: readonly ((password: string, port: string) => string)[] = [
  (password, port) => `postgres://nurse:${password}@127.0.0.1:${port}/clinic`,
  (password, port) => `postgres://nurse:${encodeURIComponent(password)}@127.0.0.1:${port}/clinic`,
  (password, port) => `postgres://nurse:${password}@127.0.0.1:${port},127.0.0.1:${port}/clinic`,
  (password, port) => `postgres://:${password}@127.0.0.1:${port}`,
  (password, port) => `postgres://127.0.0.1:${port}/clinic?user=nurse&password=${password}`,
  (password, port) => `postgres://nurse:${password}@[127.0.0.1:${port}/clinic`,
  (password) => `postgres://nurse:${password}@127.0.0.1:port/clinic`,
  (password) => `postgres://nurse:${password}@127.0.0.1:99999/clinic`,
  (password, port) => `postgres//nurse:${password}@127.0.0.1:${port}/clinic`,
  (password, port) => `postgresq://nurse:${password}@127.0.0.1:${port}/clinic`,
  (password, port) => `nurse:${password}@127.0.0.1:${port}/clinic`,
  (password, port) => ` postgres://nurse:${password}@127.0.0.1:${port}/clinic#${password}`,
  (password, port) => `postgres://nurse:${password}@127.0.0.1:${port}/clinic?sslmode=${password}@`,
]

it('no piece of a password is told, however the URL is written', async () => {
  const port = (await freePort()).toString()
  const password = fc.stringMatching(/^[A-Z0-9@:/?#%,&=+![\]]{8,24}$/)
  await fc.assert(
    fc.asyncProperty(password, fc.constantFrom(...FORMS), async (secret, form) => {
      const message = (await told(form(secret, port))).replaceAll(port, '')
      const pieces = [secret, encodeURIComponent(secret)].flatMap((text) =>
        Array.from({ length: text.length - 3 }, (_, at) => text.slice(at, at + 4)),
      )
      // What our own sentences tell of how to write a URL is no secret.
      const own = message.replaceAll(/%2F|%3F|%23|%40|ECONNREFUSED|JWT_[A-Z_]+|DATABASE_URL/g, '')
      expect(pieces.filter((piece) => own.includes(piece))).toEqual([])
    }),
    { numRuns: 300 },
  )
})

it.each([
  ['postgres://a:b@h1:5432,h2:5433/db?target_session_attrs=read-write', 'h1:5432 h2:5433', true],
  ['postgres://a@h1,h2/db?port=5433', 'h1:5433 h2:5433', true],
  ['postgres://a:b@/db?host=/var/run/postgresql', '/var/run/postgresql', false],
  ['postgres:///db?host=/var/run/postgresql&port=5433&user=a', '/var/run/postgresql', false],
  ['postgres://a:b@%2Fvar%2Frun%2Fpostgresql/db', '/var/run/postgresql', false],
  ['postgres://a:b@[::1]:5433/db', '[::1]:5433', false],
  ['postgres://a:p@ss@h/db?target_session_attrs=primary', 'h:5432', true],
])('reads %s as libpq does', (url, at, wantsWritable) => {
  const read = parseDatabaseUrl(url)
  expect(read.servers.map((server) => server.at).join(' ')).toBe(at)
  expect(read).toMatchObject({ wantsWritable, user: 'a', database: 'db' })
})

it.each([
  ['postgres://a:b@h/db?hostaddr=10.0.0.1', /parameter hostaddr, which this program does not know/],
  ['postgres://a:b@h/db?service=clinic', /parameter service/],
  ['postgres://a:b@h1,h2/db?target_session_attrs=standby', /none of any, read-write, primary/],
  ['postgres://a:b@h1:1,h2:2/db?port=1,2,3', /not as many ports as hosts/],
  ['postgres://a:b@h1,,h2/db', /empty host/],
])('says what of %s it does not do', (url, sentence) => {
  expect(() => parseDatabaseUrl(url)).toThrow(sentence)
})
