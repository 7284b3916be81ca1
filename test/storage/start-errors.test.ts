import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readOrGenerateSecret } from '../../src/auth/generated-secret.js'
import {
  explainFolderError,
  explainListenError,
  StartError,
} from '../../src/config/start-errors.js'
import { openDatabase } from '../../src/storage/open.js'
import { freePort } from '../support/server-process.js'

const PASSWORD = 'pa%24word'
const OPTIONS = { onError: () => {}, onHung: () => {} }

/** What the operator reads where this database is configured. */
const refusal = async (databaseUrl: string): Promise<string> => {
  const error: unknown = await openDatabase({ databaseUrl, dataDir: '' }, OPTIONS).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(StartError)
  const { message } = error as StartError
  expect(message).toMatch(/^DATABASE_URL: .*\.$/)
  expect(message).not.toMatch(/pa\$word|pa%24word/)
  return message
}

/** A server that speaks of PostgreSQL's protocol only how to say no. */
const createRefusingServer = async (code: string, text: string) => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (packet) => {
      // A request for TLS has 8 bytes; "N" refuses it.
      if (packet.length === 8) {
        socket.write('N')
        return
      }
      const fields = Buffer.from(`SFATAL\0C${code}\0M${text}\0\0`)
      const head = Buffer.from([0x45, 0, 0, 0, fields.length + 4])
      socket.end(Buffer.concat([head, fields]))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server on a port always has such an address.
  const { port } = server.address() as AddressInfo
  return {
    at: `127.0.0.1:${port.toString()}`,
    url: `postgres://nurse:${PASSWORD}@127.0.0.1:${port.toString()}/clinic`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

it('says that nothing listens where PostgreSQL is down', async () => {
  const port = (await freePort()).toString()
  expect(await refusal(`postgres://nurse:${PASSWORD}@localhost:${port}/clinic`)).toBe(
    `DATABASE_URL: nothing listens at localhost:${port}. Start PostgreSQL there, or correct host and port.`,
  )
})

it('names a host that is not known', async () => {
  expect(await refusal(`postgres://nurse:${PASSWORD}@nowhere.invalid/clinic`)).toBe(
    'DATABASE_URL: the host "nowhere.invalid" is not known. Correct the name, or check the DNS.',
  )
})

it.each([
  ['28P01', 'password failed', 'refuses the password of the user "nurse"'],
  ['28000', 'no pg_hba.conf entry', 'does not let the user "nurse" into the database "clinic"'],
  ['3D000', 'no such database', 'has no database "clinic". Make it (createdb)'],
  ['53300', 'too many clients', 'has no connection left'],
  ['57P03', 'starting up', 'is still starting or stopping'],
])('explains what PostgreSQL answers with %s (%s)', async (code, text, sentence) => {
  await using server = await createRefusingServer(code, text)
  expect(await refusal(server.url)).toContain(`PostgreSQL at ${server.at} ${sentence}`)
})

it('shows an answer that it does not know, without the password in it', async () => {
  await using server = await createRefusingServer('XX000', 'no luck with pa$word today')
  expect(await refusal(server.url)).toBe('DATABASE_URL: no luck with *** today. Correct the URL.')
})

it('says that TLS is not served', async () => {
  await using server = await createRefusingServer('XX000', '')
  expect(await refusal(`${server.url}?sslmode=require`)).toContain('does not serve TLS')
})

it('tells no part of a password that ends the host early', async () => {
  const message = await refusal('postgres://nurse:12/secret@db:5432/clinic')
  expect(message).toContain('Write them as %2F')
  expect(message).not.toContain('secret')
})

it('names PORT where the port is taken, and the free way out', async () => {
  await using server = await createRefusingServer('', '')
  const [host = '', port = ''] = server.at.split(':')
  const rival = createServer().listen(Number(port), host)
  const [error] = (await once(rival, 'error')) as [unknown]
  expect(explainListenError(error, { host, port: Number(port) })).toMatchObject({
    name: 'StartError',
    message: `PORT: ${port} is taken on ${host} by another process. Stop that one, or set PORT to a free port; 0 takes any.`,
  })
})

it.each([
  ['EACCES', 'PORT: this user may not listen on port 80.'],
  ['EADDRNOTAVAIL', 'HOST: 192.0.2.1 is no address of this machine.'],
  ['EAI_AGAIN', 'HOST: the name 192.0.2.1 is not known.'],
])('explains %s of listening', (code, sentence) => {
  const error = Object.assign(new Error(code), { code })
  expect(explainListenError(error, { host: '192.0.2.1', port: 80 })).toMatchObject({
    message: expect.stringContaining(sentence),
    cause: error,
  })
})

it('leaves an error that has nothing to do with a setting as it is', () => {
  const error = new Error('else')
  expect(explainListenError(error, { host: '', port: 0 })).toBe(error)
  expect(explainFolderError(error, '')).toBe(error)
})

it('names DATA_DIR where that is a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-folder-'))
  const dataDir = join(folder, 'file')
  await writeFile(dataDir, '')
  const message = `DATA_DIR: ${dataDir} cannot be used: a part of the path is a file, not a folder. Move the file, or set DATA_DIR to another.`
  await expect(openDatabase({ dataDir }, OPTIONS)).rejects.toThrow(message)
  await expect(readOrGenerateSecret(dataDir)).rejects.toThrow(message)
  await rm(folder, { recursive: true })
})

it('names DATA_DIR where somebody else owns it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'uzima-folder-'))
  await mkdir(join(dataDir, 'pglite'))
  await chmod(join(dataDir, 'pglite'), 0o500)
  await chmod(dataDir, 0o500)
  // Nothing is closed to root, who therefore tries as `nobody`.
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    const message = `DATA_DIR: ${dataDir} cannot be used: this user may not write there.`
    await expect(openDatabase({ dataDir }, OPTIONS)).rejects.toThrow(message)
    await expect(readOrGenerateSecret(dataDir)).rejects.toThrow(message)
  } finally {
    if (isRoot) process.seteuid?.(0)
    await chmod(dataDir, 0o700)
    await rm(dataDir, { recursive: true })
  }
})
