import { describe, expect, it } from 'vitest'
import { signHead } from '../../../src/audit/evidence/note.js'
import { pruneConnectionLog } from '../../../src/audit/retention.js'
import { startNewEpoch } from '../../../src/log/head.js'
import { createTestDatabase, itPostgresOnly, type TestDatabase } from '../../support/world.js'
import { accepted, anAttempt, aNode, asOwner, closed, openLog } from '../fixtures.js'
import { aSigner, checkpoint, exportLines, fileOf, makeHistory, noteOf, verify } from './world.js'

const connect = async (database: TestDatabase, node = aNode()): Promise<void> => {
  await using opened = openLog(database, { node })
  opened.log.record(accepted('s-1'))
  opened.log.record(closed('s-1'))
  await opened.log.flush()
}

const createGate = () => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

describe('evidence', () => {
  it('takes in what is committed, and an export with a checkpoint proves it', async () => {
    await using database = await createTestDatabase()
    const signer = aSigner()
    await makeHistory(database)
    await connect(database)
    const made = await checkpoint(database, signer, 5)
    const verdict = await verify(fileOf(await exportLines(database)), [noteOf(made)], signer)
    expect(verdict).toMatchObject({ problems: [], connections: 2, provenTo: { size: made.size } })
    expect(verdict.rows).toBe(made.size)
    expect(verdict.rows).toBeGreaterThan(25)
    // Where nothing has happened the head stays, and says until when.
    const later = await checkpoint(database, signer)
    expect(later).toMatchObject({ size: made.size, root: made.root })
    expect(later.at >= made.at).toBe(true)
  })

  itPostgresOnly('PGlite has one connection')(
    'never passes over what commits late, and never changes a leaf for it',
    async () => {
      await using database = await createTestDatabase()
      const signer = aSigner()
      const [release, held] = [createGate(), createGate()]
      const late = database.transaction(async (tx) => {
        await tx.query(
          `insert into users (username, email, role) values ('late', 'late@clinic.example', 'doctor')`,
        )
        held.open()
        await release.opened
      })
      await held.opened
      await makeHistory(database)
      const before = await checkpoint(database, signer)
      const early = await exportLines(database)
      expect(early.join()).not.toContain('late@clinic.example')
      release.open()
      await late
      const after = await checkpoint(database, signer)
      const lines = await exportLines(database)
      expect(lines.join()).toContain('late@clinic.example')
      // The change of the record, and what it says of somebody's rights.
      expect(after.size).toBe(before.size + 2)
      const verdict = await verify(fileOf(lines), [noteOf(before), noteOf(after)], signer)
      expect(verdict.problems).toEqual([])
    },
  )

  itPostgresOnly('PGlite has one connection')(
    'has one head for each size, however many sign at once',
    async () => {
      await using database = await createTestDatabase()
      const signers = [aSigner(), aSigner(), aSigner()]
      await makeHistory(database)
      const write = async (): Promise<void> => {
        for (let n = 0; n < 15; n += 1) {
          await database.query(
            `update inventory_lots set quantity = quantity - 1 where sku = 'ITEM-1' and quantity > 0`,
          )
        }
      }
      const sign = async (signer: (typeof signers)[number]): Promise<void> => {
        for (let n = 0; n < 6; n += 1) await checkpoint(database, signer, 4).catch(() => undefined)
      }
      await Promise.all([write(), ...signers.map(sign)])
      const last = await checkpoint(database, signers[0] ?? aSigner())
      const verdict = await verify(fileOf(await exportLines(database)), [noteOf(last)], ...signers)
      expect(verdict).toMatchObject({ problems: [], rows: last.size })
    },
  )

  it('begins a tree with each epoch, whose first leaf is the end of the one before', async () => {
    await using database = await createTestDatabase()
    const signer = aSigner()
    await makeHistory(database)
    const first = await checkpoint(database, signer)
    await database.script(`update inventory_lots set quantity = 5`)
    await startNewEpoch(database)
    const second = await checkpoint(database, signer)
    expect(second.epoch).not.toBe(first.epoch)
    const lines = await exportLines(database)
    const notes = [noteOf(first), noteOf(second)]
    expect((await verify(fileOf(lines), notes, signer)).problems).toEqual([])
    // Another end of the first tree, signed with the same key, does not fit below the second.
    const secondTree = lines.findIndex((line, at) => at > 1 && line.startsWith('{"tree"'))
    const without = [...lines.slice(0, 1), ...lines.slice(secondTree)]
    expect((await verify(fileOf(without), notes.slice(1), signer)).problems.join()).toContain(
      'The trees before',
    )
  })

  it('can be exported from any row on', async () => {
    await using database = await createTestDatabase()
    const signer = aSigner()
    await makeHistory(database)
    await connect(database)
    const made = await checkpoint(database, signer)
    for (const from of [1, 7, 8, made.size - 1, made.size]) {
      const verdict = await verify(
        fileOf(await exportLines(database, from)),
        [noteOf(made)],
        signer,
      )
      if (from === made.size) expect(verdict.rows).toBe(0)
      else expect(verdict).toMatchObject({ problems: [], from, rows: made.size - from })
    }
    await expect(exportLines(database, made.size + 1)).rejects.toThrow(RangeError)
  })

  it('goes on to hold when a person is erased, and calls the rows withheld', async () => {
    await using database = await createTestDatabase()
    const signer = aSigner()
    await makeHistory(database)
    const made = await checkpoint(database, signer)
    await database.script(`
      alter table record_changes disable trigger user;
      update record_changes set after = after || '{"username": null, "email": null}', actor = '', reason = null
        where record = 'users';
      alter table record_changes enable trigger user;
      update evidence set salt = null
        where kind = 'record_change' and ref in (select id::text from record_changes where record = 'users')`)
    const lines = await exportLines(database)
    expect(lines.join()).not.toContain('juma@clinic.example')
    expect(await verify(fileOf(lines), [noteOf(made)], signer)).toMatchObject({
      problems: [],
      withheld: 2,
    })
    await expect(database.query(`update evidence set leaf = '\\x00'`)).rejects.toThrow(/evidence/)
    await expect(database.query('delete from evidence')).rejects.toThrow(/evidence/)
  })

  it('goes on to hold when retention has removed rows, and calls them pruned; but not for young ones', async () => {
    await using database = await createTestDatabase()
    const signer = aSigner()
    const node = aNode()
    const longAgo = new Date(Date.now() - 90 * 86_400_000)
    {
      await using opened = openLog(database, { node })
      opened.log.record(anAttempt({ at: longAgo }))
      await opened.log.flush()
    }
    await asOwner(database, `update nodes set started_at = '2020-01-01'`)
    const old = noteOf(await checkpoint(database, signer))
    const backdated = signHead(
      { ...old.head, at: new Date(longAgo.getTime() + 1_000).toISOString() },
      [signer],
    )
    await database.query('update checkpoints set note = $1', [backdated])
    await connect(database, node)
    const made = noteOf(await checkpoint(database, signer))
    expect(await pruneConnectionLog(database, new Date(Date.now() - 60 * 86_400_000))).toBe(1)
    const lines = await exportLines(database)
    expect(await verify(fileOf(lines), [made], signer)).toMatchObject({ problems: [], pruned: 1 })
    // The same hole with a head of today above it is no work of retention.
    const young = lines.map((line) =>
      line === JSON.stringify({ head: backdated })
        ? JSON.stringify({ head: signHead(old.head, [signer]) })
        : line,
    )
    expect((await verify(fileOf(young), [made], signer)).problems.join()).toMatch(
      /Row \d+ \(connections .*\) is gone/,
    )
  })
})
