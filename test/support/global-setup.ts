import { PGlite } from '@electric-sql/pglite'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../src/storage/migrate.js'
import { createPglite } from '../../src/storage/pglite.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { runAlone, withDatabase } from './databases.js'
import { startPostgres } from './postgres-server.js'
import { startRedis } from './redis-server.js'
import type {} from './stores.js'

/** What a run shares between its projects, and how to end it. */
interface Shared<T> {
  readonly value: Promise<T>
  readonly release: () => Promise<void>
}

/**
 * Gives a project the servers it needs: `pglite` and `e2e` an image of a migrated database, all but `pglite`
 * PostgreSQL, `redis`, `e2e` and `audit-walk` also Redis. A server is started once per run, on first need.
 */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const leases: Shared<unknown>[] = []
  const lease = <T>(name: string, start: () => Promise<Resource<T>>): Promise<T> => {
    const shared = share(name, start)
    leases.push(shared)
    return shared.value
  }
  const release = async (): Promise<void> => {
    for (const shared of leases.reverse()) await shared.release()
  }

  try {
    if (project.name === 'pglite' || project.name === 'e2e') {
      project.provide('pgliteImage', await lease('pglite', makePgliteImage))
    }
    if (project.name !== 'pglite') {
      const postgres = await lease('postgres', preparePostgres)
      project.provide('postgresUrl', postgres.url)
      project.provide('postgresTemplate', postgres.template)
    }
    if (['redis', 'e2e', 'audit-walk'].includes(project.name)) {
      project.provide('redisUrl', await lease('redis', prepareRedis))
    }
  } catch (error) {
    await release()
    throw error
  }
  return release
}

interface Resource<T> {
  readonly value: T
  readonly end: () => Promise<void>
}

interface Entry {
  readonly resource: Promise<Resource<unknown>>
  users: number
}

const share = <T>(name: string, start: () => Promise<Resource<T>>): Shared<T> => {
  // Each project loads this module anew, so what they share hangs on what they have in common,
  // under a name that the type of `globalThis` does not know.
  const global = globalThis as { uzimaTestResources?: Map<string, Entry> }
  const registry = (global.uzimaTestResources ??= new Map<string, Entry>())
  const entry = registry.get(name) ?? { resource: start(), users: 0 }
  registry.set(name, entry)
  entry.users += 1
  return {
    // One name always goes with one `start`, which the map's type cannot say.
    value: entry.resource.then((resource) => resource.value as T),
    release: async () => {
      entry.users -= 1
      if (entry.users > 0) return
      registry.delete(name)
      await entry.resource.then(
        (resource) => resource.end(),
        () => undefined,
      )
    },
  }
}

const makePgliteImage = async (): Promise<Resource<string>> => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-pglite-'))
  const end = () => rm(folder, { recursive: true, force: true })
  try {
    const dataDir = join(folder, 'data')
    const database = await createPglite({ dataDir, onHung: reportHung })
    await migrate(database).finally(() => database.close())
    const pglite = await PGlite.create(dataDir)
    const dump = await pglite.dumpDataDir('none').finally(() => pglite.close())
    const image = join(folder, 'image.tar')
    await writeFile(image, dump.stream())
    await rm(dataDir, { recursive: true })
    return { value: image, end }
  } catch (error) {
    await end()
    throw error
  }
}

const preparePostgres = async (): Promise<Resource<{ url: string; template: string }>> => {
  const external = process.env['TEST_DATABASE_URL']
  const server = external === undefined ? await startPostgres() : undefined
  const url = external ?? server?.url() ?? ''
  const template = `uzima_template_${randomUUID().replaceAll('-', '')}`
  const end = async () => {
    if (server === undefined) await runAlone(url, `drop database if exists ${template}`)
    await server?.stop()
  }
  try {
    await runAlone(url, `create database ${template}`)
    const database = createPostgres({ url: withDatabase(url, template), onError: reportHung })
    await migrate(database).finally(() => database.close())
    return { value: { url, template }, end }
  } catch (error) {
    await end()
    throw error
  }
}

const prepareRedis = async (): Promise<Resource<string>> => {
  const external = process.env['TEST_REDIS_URL']
  if (external !== undefined) return { value: external, end: () => Promise.resolve() }
  const server = await startRedis()
  return { value: server.url, end: server.stop }
}

const reportHung = (error: Error): void => {
  console.error(error.message)
}
