import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { startProgram } from './program.js'

/** What a talkative server is started with; each of the three is looked for in its log by somebody. */
export interface TalkativeOptions {
  readonly databaseUrl: string | undefined
  readonly redisUrl: string
  readonly secret: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the built server, in production and at `trace`, with every word of it kept, unlike that of the usual one. */
export const startTalkative = async (options: TalkativeOptions) => {
  const { databaseUrl = '', redisUrl, secret, env = {} } = options
  const folder = await mkdtemp(join(tmpdir(), 'uzima-talkative-'))
  const file = join(folder, 'log')
  const adminPassword = randomBytes(12).toString('base64url')
  const program = await startProgram(
    ['-c', 'exec "$0" dist/main.js >"$UZIMA_LOG" 2>&1', process.execPath],
    {
      command: 'sh',
      env: {
        UZIMA_LOG: file,
        NODE_ENV: 'production',
        LOG_LEVEL: 'trace',
        PORT: '0',
        HOST: '127.0.0.1',
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        JWT_SECRET: secret,
        ADMIN_PASSWORD: adminPassword,
        DATA_DIR: folder,
        ...env,
      },
    },
  )
  const log = (): Promise<string> => readFile(file, 'utf8').catch(() => '')
  await expect.poll(log, { timeout: 90_000 }).toMatch(/Uzima Realtime is at \S+/)
  return {
    url: /Uzima Realtime is at (\S+)/.exec(await log())?.[1] ?? '',
    adminPassword,
    log,
    /** Ends it; the log can still be read. */
    stop: () => program.stop(),
    [Symbol.asyncDispose]: async () => {
      await program.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
