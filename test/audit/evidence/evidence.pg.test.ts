import { describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../support/world.js'
import { accepted, aNode, closed, openLog } from '../fixtures.js'
import { aSigner, checkpoint, exportLines, fileOf, makeHistory, noteOf, verify } from './world.js'

describe('evidence', () => {
  it('takes in what is committed, and an export with a checkpoint proves it', async () => {
    await using database = await createTestDatabase()
    const signer = aSigner()
    await makeHistory(database)
    {
      await using opened = openLog(database, { node: aNode() })
      opened.log.record(accepted('s-1'))
      opened.log.record(closed('s-1'))
      await opened.log.flush()
    }
    const made = await checkpoint(database, signer, 5)
    const verdict = await verify(fileOf(await exportLines(database)), [noteOf(made)], signer)
    expect(verdict).toMatchObject({ problems: [], holds: true, connections: 2, provenTo: { size: made.size } })
    expect(verdict.rows).toBe(made.size)
    expect(verdict.rows).toBeGreaterThan(25)
  })
})
