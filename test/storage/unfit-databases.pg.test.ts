import { randomBytes } from 'node:crypto'
import { describe, expect, inject } from 'vitest'
import type { Database } from '../../src/storage/database.js'
import { openDatabase } from '../../src/storage/open.js'
import { runAlone, withDatabase } from '../support/databases.js'
import { createTestDatabase } from '../support/world.js'
import {
  cutAll,
  nameOf,
  onServer,
  quiet,
  readiness,
  setFor,
  startNode,
  urlOf,
} from './administrator.js'

describe('a database that only reads', () => {
  onServer('is refused at the start', async () => {
    await using database = await createTestDatabase()
    await setFor(database, 'default_transaction_read_only', 'on')
    await expect(
      openDatabase({ databaseUrl: urlOf(database), dataDir: '' }, quiet),
    ).rejects.toThrow(/^DATABASE_URL: PostgreSQL at 127\.0\.0\.1:\d+ only reads/)
  })

  onServer(
    'below a running node refuses writes for now, reads go on, and it comes back by itself',
    async () => {
      await using database = await createTestDatabase()
      await using node = await startNode(database)
      const manager = await node.addUser('inventory_manager')
      const item = { sku: 'a', name: 'Amoxicillin' }
      const client = await node.connect(manager)
      await setFor(database, 'default_transaction_read_only', 'on')
      await cutAll(database)
      await expect
        .poll(async () => (await readiness(node)).body['database'])
        .toEqual({ state: 'up', writable: false })
      const response = await fetch(`${node.url}/api/inventory`, {
        method: 'POST',
        headers: { authorization: `Bearer ${manager.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(item),
      })
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('1')
      expect(await response.json()).toMatchObject({ code: 'SERVER_UNAVAILABLE', retryable: true })
      expect((await node.api(manager.token, 'GET', '/api/inventory')).status).toBe(200)
      expect(client.socket.connected).toBe(true)
      await runAlone(
        urlOf(database),
        `begin read write; alter database ${nameOf(database)} reset default_transaction_read_only; commit`,
      )
      await expect.poll(async () => (await readiness(node)).status).toBe(200)
      expect((await node.api(manager.token, 'POST', '/api/inventory', item)).status).toBe(201)
    },
  )
})

describe('a database in another encoding than UTF8', () => {
  onServer('is refused at the start, with words that make a right one', async () => {
    const server = inject('postgresUrl') ?? ''
    const name = `uzima_latin_${randomBytes(6).toString('hex')}`
    await runAlone(
      server,
      `create database ${name} encoding 'LATIN1' locale 'C' template template0`,
    )
    try {
      const opened = openDatabase({ databaseUrl: withDatabase(server, name), dataDir: '' }, quiet)
      const message = await opened.then(
        () => '',
        (error: unknown) => String(error),
      )
      expect(message).toContain(`the database "${name}" is in LATIN1`)
      const [, rest = ''] = /\(create database \.\.\.( .+?)\)/.exec(message) ?? []
      await runAlone(server, `create database ${name}_right${rest}`)
      const right: Database = await openDatabase(
        { databaseUrl: withDatabase(server, `${name}_right`), dataDir: '' },
        quiet,
      )
      await right.close()
    } finally {
      await runAlone(server, `drop database if exists ${name}_right with (force)`)
      await runAlone(server, `drop database ${name} with (force)`)
    }
  })
})
