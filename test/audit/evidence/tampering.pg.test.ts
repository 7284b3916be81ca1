import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { leafOf } from '../../../src/audit/evidence/leaf.js'
import { signHead, type Note, type Signer } from '../../../src/audit/evidence/note.js'
import { createTestDatabase } from '../../support/world.js'
import { times } from '../../support/long.js'
import { accepted, aNode, closed, openLog } from '../fixtures.js'
import { aSigner, checkpoint, exportLines, fileOf, makeHistory, noteOf, verify } from './world.js'

let lines: readonly string[] = []
let signer: Signer = aSigner()
let older: Note
let newest: Note

beforeAll(async () => {
  await using database = await createTestDatabase()
  signer = aSigner()
  await makeHistory(database)
  older = noteOf(await checkpoint(database, signer))
  await using opened = openLog(database, { node: aNode() })
  for (let n = 0; n < 4; n += 1) {
    opened.log.record(accepted(`s-${n.toString()}`))
    opened.log.record(closed(`s-${n.toString()}`))
  }
  await opened.log.flush()
  await database.script('update inventory_lots set quantity = 7')
  newest = noteOf(await checkpoint(database, signer))
  lines = await exportLines(database)
})

const problemsOf = async (changed: readonly string[], checkpoints = [newest]): Promise<string> =>
  (await verify(fileOf(changed), checkpoints, signer)).problems.join('\n')

/** As somebody leaves it who knows the format: the last line fits what stands before it. */
const resealed = (changed: readonly string[]): string[] => {
  const kept = changed.slice(0, -1)
  const sha256 = createHash('sha256').update(fileOf(kept)).digest('hex')
  return [...kept, JSON.stringify({ end: { lines: kept.length, sha256 } })]
}

const leafAt = (n: number): number =>
  lines.findIndex((line) => line.startsWith(`{"n":${n.toString()},`))
const movementAt = (): number => lines.findIndex((line) => line.includes('["stock_movement"'))
const replaceLine = (at: number, line: string): string[] => lines.with(at, line)
const numberOf = (line: string | undefined): number => (JSON.parse(line ?? '') as { n: number }).n

describe('an export that was changed', () => {
  it('holds as it is', async () => {
    expect(await problemsOf(lines)).toBe('')
    expect(await problemsOf(resealed(lines))).toBe('')
  })

  it('names the row of a changed byte', async () => {
    const at = movementAt()
    const line = lines[at] ?? ''
    const problems = await problemsOf(
      resealed(
        replaceLine(
          at,
          line.replace('"adjusted"', '"consumed"').replace('"lot_added"', '"adjusted"'),
        ),
      ),
    )
    expect(problems).toBe(
      `Row ${numberOf(line).toString()} (stock_movement ${/"stock_movement","(\d+)"/.exec(line)?.[1] ?? ''}) was changed.`,
    )
  })

  it('names the rows between two heads where a leaf was worked out anew', async () => {
    const at = leafAt(3)
    const { n, row: was } = JSON.parse(lines[at] ?? '') as {
      n: number
      row: (string | number | null)[]
    }
    const row = was.with(-1, 'another')
    const forged = { n, row, leaf: leafOf(row, null).toString('hex') }
    const problems = await problemsOf(resealed(replaceLine(at, JSON.stringify(forged))))
    expect(problems).toMatch(
      new RegExp(
        `^Rows 0\\.\\.${(older.head.size - 1).toString()} are not those that were signed at `,
      ),
    )
  })

  it('names rows that were swapped, and one that was dropped', async () => {
    const [one, two] = [leafAt(4), leafAt(5)]
    const swapped = lines.with(one, lines[two] ?? '').with(two, lines[one] ?? '')
    expect(await problemsOf(resealed(swapped))).toMatch(
      /^Row 4 \(\w+ \S+\) is not in its place: it stands after row 5\.$/,
    )
    expect(await problemsOf(resealed(lines.toSpliced(leafAt(6), 1)))).toBe('Row 6 is missing.')
  })

  it('names what was done to connections', async () => {
    const at = lines.findIndex((line) => line.startsWith('{"connection"'))
    const row = lines[at + 2] ?? ''
    expect(
      await problemsOf(resealed(replaceLine(at + 2, row.replace('203.0.113.7', '203.0.113.8')))),
    ).toMatch(/^Connections: row 3 of node node-a \(run .*\) was changed\.$/)
    expect(await problemsOf(resealed(lines.toSpliced(at + 2, 1)))).toMatch(
      /row 3 of node node-a .* are missing/,
    )
    expect(await problemsOf(resealed(lines.toSpliced(at, 1)))).toMatch(
      /row 1 of node node-a .* are missing/,
    )
    expect(
      await problemsOf(resealed(lines.with(at + 2, lines[at + 3] ?? '').with(at + 3, row))),
    ).toMatch(/row 3 of node node-a .* (is|are) missing/)
  })

  it('says where it ends when its tail is cut, and proves what an older checkpoint covers', async () => {
    const cut = lines.slice(0, leafAt(older.head.size))
    const whole = cut.slice(0, cut.findLastIndex((line) => line.startsWith('{"head"')) + 1)
    const size = older.head.size.toString()
    expect(await problemsOf(resealed([...whole, '']))).toMatch(
      new RegExp(
        `^The export ends at ${size} rows, the checkpoint of .* says ${newest.head.size.toString()}\\.$`,
      ),
    )
    const verdict = await verify(fileOf(resealed([...whole, ''])), [older], signer)
    expect(verdict).toMatchObject({
      problems: [],
      provenTo: { size: older.head.size, at: older.head.at },
    })
    expect(await problemsOf(whole)).toContain('The export is cut off')
    expect(await problemsOf(resealed([...whole.slice(0, -1), '']), [])).toMatch(/are under no head/)
  })

  it('is told from one that the owner signed anew', async () => {
    const at = leafAt(older.head.size + 1)
    const forged = {
      n: older.head.size + 1,
      row: ['node', 'x', 'y', 'z'],
      leaf: leafOf(['node', 'x', 'y', 'z'], null).toString('hex'),
    }
    const problems = await problemsOf(resealed(replaceLine(at, JSON.stringify(forged))), [newest])
    expect(problems).toContain('are not those of the checkpoint')
  })

  it('is refused with a checkpoint of another service or key', async () => {
    const other = { ...newest.head, origin: newest.head.origin.replace(/[^/]+$/, 'other') }
    const { parseNote } = await import('../../../src/audit/evidence/note.js')
    const foreign = parseNote(signHead(other, [signer]))
    const unsigned = parseNote(signHead(newest.head, [aSigner()]))
    if (foreign === undefined || unsigned === undefined) throw new Error('no note')
    expect(await problemsOf(lines, [foreign])).toMatch(/which is not in the export/)
    expect(await problemsOf(lines, [unsigned])).toMatch(/not signed by a key that was given/)
  })

  it('is never taken for the one that was written, whichever byte is another', async () => {
    const file = fileOf(lines)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(file.length - 2),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, change, isSealed) => {
          const changed = Buffer.from(file)
          changed[at] = (changed[at] ?? 0) ^ change
          const lastLine = file.lastIndexOf('\n', file.length - 2)
          const bytes =
            isSealed && at < lastLine
              ? Buffer.concat([
                  changed.subarray(0, lastLine + 1),
                  Buffer.from(sealOf(changed.subarray(0, lastLine + 1))),
                ])
              : changed
          const verdict = await verify(bytes, [newest], signer).catch(() => ({ holds: false }))
          expect(verdict.holds).toBe(false)
        },
      ),
      { numRuns: times(300, 5_000) },
    )
  })
})

const sealOf = (kept: Buffer): string => {
  const count = kept.filter((byte) => byte === 0x0a).length
  const sha256 = createHash('sha256').update(kept).digest('hex')
  return `${JSON.stringify({ end: { lines: count, sha256 } })}\n`
}
