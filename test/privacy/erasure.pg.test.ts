import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifyChain } from '../../src/audit/verify.js'
import { readDigest } from '../../src/inventory/digest.js'
import type { Database } from '../../src/storage/database.js'
import { createErasures } from '../../src/users/erasures.js'
import {
  aSigner,
  checkpoint,
  exportLines,
  fileOf,
  noteOf,
  verify,
} from '../audit/evidence/world.js'
import { createPeople, dumpOf, type Person } from './people.js'

const textOf = async (pieces: AsyncIterable<string>): Promise<string> => {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

/** What must be true whoever is forgotten: the stock, its history but for names, and who was let in when. */
const figuresOf = async (database: Database) => {
  const { items, digest } = await readDigest(database)
  return {
    items,
    digest,
    movements: await database.query(
      `select id, sku, type, delta, before, after, lots, at, seq, user_id, request_key from stock_movements order by id`,
    ),
    connections: await database.query(
      `select id, at, outcome, code, user_id, transport, node, socket_id, count, hash from connection_log order by id`,
    ),
    findings: await database.query('select * from check_stock()'),
  }
}

describe('to erase a person', () => {
  it('leaves no text of his anywhere, and everybody else, the stock and both chains as they were', async () => {
    await using people = await createPeople()
    const { database, doings } = people
    const erasures = createErasures(database)
    const signer = aSigner()
    const names = Object.keys(doings) as (keyof typeof doings)[]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(2), fc.nat(2)), {
          minLength: 15,
          maxLength: 25,
        }),
        fc.nat(2),
        fc.boolean(),
        async (steps, which, isDeleted) => {
          const all = [await people.add(), await people.add(), await people.add()]
          const at = (index: number): Person => {
            const person = all[index % all.length]
            if (person === undefined) throw new Error('There are three.')
            return person
          }
          for (const [doing, who, whom] of steps) {
            const other = at(who === whom ? whom + 1 : whom)
            await doings[doing](at(who), other)
          }
          const gone = at(which)
          await expect(erasures.erase('boss', gone.id)).rejects.toMatchObject({
            code: 'USER_ACTIVE',
          })
          if (isDeleted) await people.users.remove('boss', gone.id)
          else await people.users.update('boss', gone.id, { isActive: false })

          const head = await checkpoint(database, signer)
          const figures = await figuresOf(database)
          const before = await dumpOf(database)
          const told = await textOf(await erasures.data(gone.id))
          const mentions = countTables(
            before.filter((line) => line.includes(gone.id) || line.includes(gone.mark)),
          )
          const counts = countRows(told)
          expect(Object.entries(mentions).filter(([table, n]) => n > (counts[table] ?? 0))).toEqual(
            [],
          )

          await erasures.erase('boss', gone.id, 'asked for it')
          const after = await dumpOf(database)
          expect(after.filter((line) => line.includes(gone.mark))).toEqual([])
          const others = (lines: readonly string[]) =>
            lines.filter((line) =>
              all.some(({ mark }) => mark !== gone.mark && line.includes(mark)),
            )
          const kept = new Set(after)
          const lost = others(before).filter(
            (line) => !line.includes(gone.mark) && !line.includes(gone.id) && !kept.has(line),
          )
          expect(lost).toEqual([])

          expect(figures.findings).toEqual([])
          expect(await figuresOf(database)).toEqual(figures)
          const [erased] = await database.query<{ rows: number }>(
            'select count(*) as rows from connection_log where user_id in (select user_id::text from erasures)',
          )
          expect(await verifyChain(database)).toMatchObject({ holds: true, withheld: erased?.rows })
          const notes = [noteOf(head), noteOf(await checkpoint(database, signer))]
          const lines = await exportLines(database)
          expect((await verify(fileOf(lines), notes, signer)).problems).toEqual([])
          expect(lines.filter((line) => line.includes(gone.mark))).toEqual([])
        },
      ),
      // The histories share a database, so a shorter one is another one.
      { numRuns: 5, endOnFailure: true },
    )
  })
})

const countRows = (document: string): Record<string, number> => {
  const { tables } = JSON.parse(document) as { tables: Record<string, unknown[]> }
  return Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, rows.length]))
}

const countTables = (lines: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const line of lines) {
    const table = line.slice(0, line.indexOf(':'))
    counts[table] = (counts[table] ?? 0) + 1
  }
  return counts
}
