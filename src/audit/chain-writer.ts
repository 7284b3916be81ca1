import type { Queryable } from '../storage/database.js'
import { appendRows, hasRows, openChain } from './append.js'
import type { ChainHead, LogContent, NodeRun } from './chain.js'

/** Appends to the chain of one run. One call at a time. */
export interface ChainWriter {
  /**
   * Appends the rows exactly once. After a failure call it again with the same rows: it finds out whether the failed
   * attempt was committed after all.
   */
  readonly append: (rows: readonly LogContent[]) => Promise<void>
}

export const createChainWriter = (database: Queryable, run: NodeRun): ChainWriter => {
  let head: ChainHead | undefined

  const append = async (rows: readonly LogContent[]): Promise<void> => {
    for (;;) {
      head ??= await openChain(database, run)
      const appended = await appendRows(database, run, head, rows)
      if (appended !== undefined) {
        head = appended
        return
      }
      // The chain ends elsewhere. Either an earlier attempt was committed, or others have appended to the run because
      // they took it for dead, or both.
      const isIn = await hasRows(database, run, head, rows)
      head = await openChain(database, run)
      if (isIn) return
    }
  }

  return { append }
}
