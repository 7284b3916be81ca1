import type { Queryable } from '../storage/database.js'
import { appendRows, hasRows, openChain } from './append.js'
import type { ChainHead, LogBatch, NodeRun } from './chain.js'

/** Appends to the chain of one run. One call at a time. */
export interface ChainWriter {
  /**
   * Appends the rows exactly once. After a failure call it again with the same batch: it finds out whether the failed
   * attempt was committed after all.
   */
  readonly append: (batch: LogBatch) => Promise<void>
}

export const createChainWriter = (database: Queryable, run: NodeRun): ChainWriter => {
  let head: ChainHead | undefined

  const append = async (batch: LogBatch): Promise<void> => {
    for (;;) {
      head ??= await openChain(database, run)
      const appended = await appendRows(database, run, head, batch)
      if (appended !== undefined) {
        head = appended
        return
      }
      // The chain ends elsewhere. Either an earlier attempt was committed, or others have appended to the run because
      // they took it for dead, or both.
      const isIn = await hasRows(database, run, head, batch)
      head = await openChain(database, run)
      if (isIn) return
    }
  }

  return { append }
}
