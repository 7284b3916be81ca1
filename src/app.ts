import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { createKeys } from './auth/keys.js'
import { createPasswords } from './auth/passwords.js'
import { createAuth } from './composition/auth.js'
import { createBase, type Base } from './composition/base.js'
import { addFirstData, type Credential } from './composition/first-data.js'
import { keepCopies } from './composition/copies.js'
import { watchDisks } from './composition/disks.js'
import { createHttp } from './composition/http.js'
import { followJourneys } from './composition/journeys.js'
import { listenSecurely } from './composition/https.js'
import { followLog } from './composition/log.js'
import { startMaintenance } from './composition/maintenance.js'
import { keepCheckpoints } from './composition/checkpoints.js'
import { startRealtime } from './composition/realtime.js'
import { openRecord } from './composition/record.js'
import { createReleases, type Releases } from './composition/releases.js'
import { followService } from './composition/service.js'
import { openAlerts, prepareStock } from './composition/stock.js'
import { openStore } from './composition/store.js'
import { VERSION } from './observability/version.js'
import { lookAtSurroundings } from './composition/surroundings.js'
import { keepStoreSmall } from './composition/vacuum.js'
import type { Config } from './config/schema.js'
import { explainListenError } from './config/start-errors.js'
import { bindRealtime } from './services/realtime.service.js'
import type { LogDestination } from './observability/logger.js'
import type { Database } from './storage/database.js'

/** The whole service, listening. */
export interface App {
  /** Where it answers, with the port that it got. */
  readonly url: string
  /** Port of HTTPS, where it is served. */
  readonly httpsPort: number | undefined
  /** Accounts made at this start, with their passwords; to be shown once and kept nowhere. */
  readonly credentials: readonly Credential[]
  /** An administrator, for the command line to act as; undefined where there is none. */
  readonly adminId: string | undefined
  /** Stops in the order in which a client notices least: no new sockets, sessions end retryably, requests finish. */
  readonly close: () => Promise<void>
}

export interface AppOptions {
  /** Told when the process should end, because only a new one can heal it. */
  readonly onFatal: (error: Error) => void
  /** Told what the start is doing, before each step that a person may have to wait for. */
  readonly onProgress?: (sentence: string) => void
  /** Told the name of each part that has just started; what it throws ends the start. */
  readonly onPart?: (name: string) => void
  /** Where log lines go. Default: standard output. */
  readonly logTo?: LogDestination
  /** An open store to use instead of the configured one; it is closed with the app. */
  readonly database?: Database
  /** Makes `sendToAll` and the like of services/realtime.service talk to this app. Default true. */
  readonly bind?: boolean
}

/** Starts the service. What was started before a failing step is stopped again, and the failure is thrown. */
export const createApp = async (config: Config, options: AppOptions): Promise<App> => {
  const releases = createReleases(options.onPart)
  try {
    return await start(config, options, releases)
  } catch (error) {
    await releases.run()
    throw error
  }
}

/** Each layer adds its own release as soon as it exists; at the end they run from the last to the first. */
const start = async (config: Config, options: AppOptions, releases: Releases): Promise<App> => {
  const { bind = true, onProgress = ignore } = options
  const base = createBase(config, releases, options.logTo)
  const keys = await createKeys(config)
  const passwords = createPasswords()

  const database = await openStore(base, { ...options, onProgress })
  base.metrics.info.set({ version: VERSION, store: database.kind }, 1)
  const { timeZone, alertExpiringWithinDays, alertEscalateAfterMs } = config
  await prepareStock(database, {
    timeZone,
    alertExpiringWithinDays,
    alertEscalateAfterMs,
    logger: base.logger,
  })
  const first = await addFirstData(database, { config, passwords })
  const log = await followLog(base, database)
  const auth = createAuth(base, { keys, database, tail: log.tail })
  const record = await openRecord(base, database)
  lookAtSurroundings(base, { database, keys, tail: log.tail })
  const service =
    config.redisUrl === undefined ? undefined : await followService(base, database, log.tail)
  const alerts = openAlerts(base, database)
  const journeys = followJourneys(base, log.tail)
  const hub = startRealtime(base, { database, log, auth, record, alerts, journeys, service })
  releases.add('maintenance', startMaintenance({ database, config, logger: base.logger }))
  keepStoreSmall(base, database)
  keepCopies(base)
  watchDisks(base)
  const checkpoints = keepCheckpoints(base, database)
  const api = await createHttp(base, {
    ...{ database, passwords, log, auth, alerts, journeys, hub },
    checkpoints,
  })
  if (bind) releases.add('façade', bindRealtime(hub))

  const httpsPort = await listenSecurely(base, api)
  const url = await listen(base, api)
  const cluster = config.redisUrl !== undefined
  base.logger.info({ url, store: database.kind, cluster }, 'Listening')
  return { url, httpsPort, ...first, close: releases.run }
}

const listen = async ({ config, releases }: Base, api: FastifyInstance): Promise<string> => {
  const { host, port } = config
  await api.listen({ host, port }).catch((error: unknown) => {
    throw explainListenError(error, { host, port })
  })
  // First of all at the end: whoever comes then finds a closed door and goes to the next node, instead of being turned
  // away here.
  releases.add('listener', async () => {
    // Node takes in all that wait at the door before it calls this: closing the door resets those who still stand there.
    await nextTurn()
    api.server.close()
  })
  return addressOf(api.server.address(), host)
}

const addressOf = (address: string | AddressInfo | null, host: string): string => {
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port.toString()}`
}

const ignore = (): void => {
  // Nobody asked to be told.
}
