import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { BUILT_PAGE } from '../../config/built-page.js'
import type { Config } from '../../config/schema.js'
import { explainListenError } from '../../config/start-errors.js'
import { readRunningServer } from '../../storage/running-server.js'
import { fail, ok, warn, type Finding } from './finding.js'

const readinessSchema = z.object({
  ready: z.boolean(),
  reason: z.string().optional(),
  database: z.object({ state: z.string(), writable: z.boolean().optional() }),
  log: z.object({ state: z.string(), ageMs: z.number().nullable() }),
})
type Readiness = z.infer<typeof readinessSchema>

const ANSWER_WITHIN_MS = 3_000

/** The server on this machine, or the one that UZIMA_URL names: whether it is ready, or why its port cannot be had. */
export const checkServer = async (config: Config): Promise<Finding[]> => {
  const running = await readRunningServer(config.dataDir)
  const url = config.commandUrl ?? running?.url ?? ownUrl(config)
  const readiness = url === undefined ? undefined : await readReadiness(url)
  if (readiness !== undefined && url !== undefined) {
    const isElsewhere =
      config.databaseUrl === undefined && running === undefined && config.commandUrl === undefined
    // It would have left its note in DATA_DIR.
    return [isElsewhere ? fail('server', ofAnotherFolder(config)) : judge(url, readiness)]
  }
  if (config.commandUrl !== undefined) {
    return [
      fail(
        'server',
        `no server answers at UZIMA_URL, ${config.commandUrl}. Start it there, or correct the address.`,
      ),
    ]
  }
  if (running !== undefined) {
    return [
      fail(
        'server',
        `the server of process ${running.pid.toString()} does not answer at ${running.url}. Look at its log, and start it again.`,
      ),
    ]
  }
  await tryToListen(config)
  const where = config.port === 0 ? 'any free port' : `PORT ${config.port.toString()} is free`
  return [ok('server', `none runs here; ${where}`)]
}

const ofAnotherFolder = ({ port, dataDir }: Config): string =>
  `PORT: a server on other data than ${dataDir} has port ${port.toString()}. Set DATA_DIR as it is for that server to look at it, or PORT to a free port.`

/** Where a server of this configuration answers on this machine; undefined where it takes any free port. */
export const ownUrl = ({ host, port }: Config): string | undefined => {
  if (port === 0) return undefined
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port.toString()}`
}

const readReadiness = async (url: string): Promise<Readiness | undefined> => {
  const answer: unknown = await fetch(new URL('/health/ready', url), {
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  })
    .then(
      (response) => response.json(),
      () => undefined,
    )
    .catch(() => undefined)
  return readinessSchema.safeParse(answer).data
}

const judge = (url: string, { ready, reason, database, log }: Readiness): Finding => {
  const age = log.ageMs === null ? 'never confirmed' : `confirmed ${log.ageMs.toString()} ms ago`
  if (ready) return ok('server', `ready at ${url}, its log ${age}`)
  const why =
    reason ??
    (database.writable === false
      ? 'the database takes no writes: it only reads, or its disk is full. Free some space, or name the one that is written to'
      : `its log was ${age}: the database is ${database.state}. See the line on the database`)
  return fail('server', `at ${url} it admits nobody: ${why.replace(/\.$/, '')}.`)
}

/** Takes the port for a moment, as a start does. Throws the sentence of a start that could not. */
const tryToListen = ({ host, port }: Config): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => {
      const explained = explainListenError(error, { host, port })
      reject(explained instanceof Error ? explained : error)
    })
    server.listen({ host, port }, () => {
      server.close(() => {
        resolve()
      })
    })
  })

/** Whether `/` has a page to serve. */
export const checkPage = (): Finding[] => [
  existsSync(join(BUILT_PAGE, 'index.html'))
    ? ok('page', 'built')
    : warn('page', 'the dashboard is not built. Run npm run build.'),
]
