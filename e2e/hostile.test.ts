import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { expectWithin } from '../test/support/long.js'
import { startProgram } from '../test/support/program.js'
import { startServer } from '../test/support/server.js'
import { createTestDatabase } from '../test/support/world.js'
import { signToken } from './rig/tokens.js'
import { addUser } from './rig/users.js'
import { createCorpus, sizeOf } from './hostile/corpus.js'
import { INSPECTED, measureMemory } from './hostile/memory.js'
import { runCorpus } from './hostile/run.js'

const PARALLEL = 48
const seed = Number(process.env['UZIMA_SEED'] ?? 20_261_122)

const isRunning = (pid: number): boolean => process.kill(pid, 0)

describe('eleven thousand malformed and forged handshakes', () => {
  it('are all refused, all on record, and trouble nobody', async () => {
    await using database = await createTestDatabase()
    const secret = randomBytes(48).toString('base64')
    const { publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2_048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    await using server = await startServer({
      env: {
        ...INSPECTED,
        DATABASE_URL: database.url ?? '',
        JWT_SECRET: secret,
        JWT_PUBLIC_KEY: publicKey,
        LOG_LEVEL: 'error',
      },
    })
    const userId = await addUser(database, 'pharmacist')
    const validToken = signToken(secret, userId)
    const corpus = createCorpus(seed, { url: server.url, secret, publicKey, userId, validToken })
    const count = corpus.reduce((sum, hostile) => sum + sizeOf(hostile), 0)
    expect(count).toBeGreaterThanOrEqual(11_000)

    await using healthy = await startProgram(['--import', 'tsx', 'e2e/hostile/heartbeat.ts'], {
      env: { UZIMA_URL: server.url, UZIMA_TOKEN: validToken },
    })
    await healthy.says(/beating/)
    // The first half warms the server up: its heap has grown to what the load needs. What it keeps after that counts.
    const warmUp = Math.floor(corpus.length / 2)
    const first = await runCorpus(server.url, corpus.slice(0, warmUp), PARALLEL)
    const before = await measureMemory(server)
    const report = await runCorpus(server.url, corpus.slice(warmUp), PARALLEL)

    expect([...first.problems, ...report.problems]).toEqual([])
    expect(first.cases + report.cases).toBe(count)
    expect(isRunning(server.pid)).toBe(true)
    await healthy.stop()
    const figures = JSON.parse(/\{.*\}/.exec(healthy.output())?.[0] ?? '{}') as {
      readonly interruptions: number
      readonly p99: number
    }
    expect(figures.interruptions).toBe(0)
    expectWithin(100, figures.p99, 'The 99th percentile of a healthy client')

    const attempts = corpus.reduce((sum, hostile) => sum + (hostile.attempts ?? 0), 0)
    const outcomes = `select count from (select coalesce(sum(count), 0) as count from connection_log`
    const counted = async (condition: string): Promise<number | undefined> => {
      const [row] = await database.query<{ count: number }>(
        `${outcomes} where ${condition}) counted`,
      )
      return row?.count
    }
    await expect
      .poll(() => counted(`outcome <> 'closed' and code is distinct from 'ORIGIN_REFUSED'`))
      .toBe(attempts + 1)
    expect(await counted(`outcome = 'accepted'`)).toBe(1)
    expect(await counted(`outcome = 'aborted'`)).toBe(0)
    expect(await counted(`code = 'ORIGIN_REFUSED'`)).toBe(
      corpus.filter(({ isOriginRefused }) => isOriginRefused).length,
    )
    expect(server.output()).not.toMatch(/Failed|uncaught|unhandled/i)

    let after = await measureMemory(server)
    await expect
      .poll(
        async () => {
          after = await measureMemory(server)
          return Math.max(
            after.heapBytes / before.heapBytes,
            after.residentBytes / before.residentBytes,
          )
        },
        { interval: 500 },
      )
      .toBeLessThan(1.2)
  })
})
