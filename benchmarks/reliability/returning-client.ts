import { createReplica, stateHash, type ItemState } from '../../e2e/faults/clients/replica.js'
import { openWire } from '../../e2e/rig/wire.js'
import type { Position } from '../../e2e/faults/history.js'
import type { Database } from '../../src/storage/database.js'

/** A client that knew everything up to a place, and went away. */
export interface Absence {
  readonly position: Position
  readonly items: readonly ItemState[]
  /** Number of the last thing that it missed. */
  readonly until: number
}

/** How it came back. */
export interface Return {
  /** From the attempt to connect until everything was applied. */
  readonly ms: number
  /** Numbers of the events that it was sent. */
  readonly seqs: readonly number[]
  /** Why it was told to read the snapshot, where it was. */
  readonly reset: string | undefined
  /** Of what it knew then. Work for the processor: to be called when nobody's time is measured. */
  readonly stateHash: () => string
}

const WITHIN_MS = 30_000

/**
 * Connects with the position of the absence, applies what comes or reads the snapshot where it is told to.
 *
 * @throws where that takes longer than 30 s, or the connection ends before
 */
export const comeBack = (url: string, token: string, absence: Absence): Promise<Return> => {
  const startedAt = performance.now()
  const replica = createReplica()
  replica.load(absence.position, absence.items)
  const seqs: number[] = []
  let reset: string | undefined

  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      wire.end(`only ${String(seqs.length)} events after 30 s`)
    }, WITHIN_MS)
    const settleIfThere = (): void => {
      if (replica.isWaiting() || (replica.position()?.seq ?? 0) < absence.until) return
      const ms = performance.now() - startedAt
      resolve({ ms, seqs, reset, stateHash: replica.stateHash })
      wire.end('done')
    }
    const readSnapshot = async (): Promise<void> => {
      const snapshot = await fetchSnapshot(url, token)
      replica.load(snapshot.position, snapshot.items)
      settleIfThere()
    }
    const wire = openWire(
      url,
      { userAgent: 'returning' },
      {
        onOpen: () => {
          wire.connect({ token, position: absence.position })
        },
        onRefused: (code) => {
          wire.end(code)
        },
        onEvent: (name, text) => {
          if (name === 'log:reset') {
            // As the protocol names it.
            reset = (JSON.parse(text) as { reason: string }).reason
            replica.expectSnapshot()
            readSnapshot().catch(reject)
          } else if (name.startsWith('inventory:')) {
            const { seq, item } = JSON.parse(text) as { seq: number; item?: ItemState }
            seqs.push(seq)
            replica.take(seq, item)
            settleIfThere()
          }
        },
        onEnd: (reason) => {
          clearTimeout(timer)
          // Does nothing where it was resolved before.
          reject(new Error(`The client did not come back: ${reason}`))
        },
      },
    )
  })
}

const fetchSnapshot = async (
  url: string,
  token: string,
): Promise<{ position: Position; items: readonly ItemState[] }> => {
  const response = await fetch(`${url}/api/inventory?limit=500`, {
    headers: { authorization: `Bearer ${token}` },
  })
  // As the protocol names it; one page has a position of its own, so all must be on it.
  const page = (await response.json()) as {
    position: Position
    items: readonly ItemState[]
    nextCursor: string | null
  }
  if (!response.ok || page.nextCursor !== null) throw new Error('The snapshot is not one page.')
  return page
}

/** Where the log is, and what a client then knows. */
export const currentState = async (
  database: Database,
): Promise<{ position: Position; items: readonly ItemState[]; hash: string }> => {
  const [head] = await database.query<Position>('select epoch, seq from log_head')
  if (head === undefined) throw new Error('log_head is empty.')
  const rows = await database.query<{ item: ItemState }>(
    'select item from inventory_item_view where archived_at is null',
  )
  const items = rows.map(({ item }) => item)
  return { position: { epoch: head.epoch, seq: head.seq }, items, hash: stateHash(items) }
}
