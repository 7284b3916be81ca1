import type { DeliveryRecord, Records, RightChange } from '../../src/explain/records.js'
import type { Connection, Run } from './model-state.js'

/** What has happened in a world, as far as records tell of it. */
export interface Recorded {
  readonly now: number
  readonly changes: RightChange[]
  readonly connections: readonly Connection[]
  readonly runs: readonly Run[]
  readonly kills: readonly { readonly at: number; readonly run: Run }[]
}

/** The records as servers would have left them, once each has put down how far it is. */
export const recordsOf = (world: Recorded): Records => {
  const rows = world.connections.filter(({ row }) => row !== null)
  return {
    rights: { userId: 'u', changes: world.changes, completeFrom: 0 },
    deliveries: rows.map((one): DeliveryRecord => ({
      socketId: one.id,
      node: `node-${one.run.node.toString()}`,
      run: one.run.id,
      connectedAt: new Date(one.connectedAt),
      how: one.how,
      askedSeq: one.asked,
      joinedSeq: one.joined,
      writtenUpTo: one.closedAt === null ? recordedUpTo(one) : (one.row?.written ?? 0),
      writtenAt: dateOf(one.row?.writtenAt ?? null),
      lags: (one.row?.lags ?? []).map(({ from, until, at }) => ({
        from,
        until,
        untilAt: dateOf(at),
      })),
      appliedSeq: one.applied,
      appliedAt: one.marks.at(-1)?.at ?? null,
      applied: one.marks,
      closedAt: dateOf(one.closedAt),
      code: one.code,
      isFinal: one.closedAt !== null,
    })),
    bare: world.connections
      .filter((one) => one.row === null && (one.closedAt === null || isLogged(world, one)))
      .map((one) => ({
        socketId: one.id,
        node: `node-${one.run.node.toString()}`,
        run: one.run.id,
        at: new Date(one.connectedAt),
        closedAt: dateOf(one.closedAt),
      })),
    runs: new Map(
      world.runs.map((run) => [
        run.id,
        {
          id: run.id,
          name: `node-${run.node.toString()}`,
          startedAt: new Date(run.startedAt),
          endedAt: dateOf(run.endedAt),
          lastSignAt: run.lastSignAt === undefined ? undefined : new Date(run.lastSignAt),
          feeds: {
            inventoryUpdateRoles: run.rules.stock,
            lowStockRoles: run.rules.low,
            alertEscalateTo: ['admin'],
          },
          progress: run.progress,
        },
      ]),
    ),
    readAt: new Date(world.now),
  }
}

/** Once a second each node that reaches the database puts on record how far it is. */
export const putOnRecord = (world: Recorded): void => {
  for (const run of world.runs) {
    if (run.endedAt !== null || run.isFenced) continue
    if (run.progress.at(-1)?.seq !== run.position) {
      run.progress.push({ seq: run.position, at: new Date(world.now) })
    }
    for (const one of world.connections) {
      if (one.run !== run || one.closedAt !== null) continue
      const isBehind = one.waiting.length > 0
      one.row ??= { written: writtenUpTo(one), writtenAt: null, lags: [] }
      if (!isBehind) one.row.writtenAt ??= world.now
      const lag = one.row.lags.find(({ until }) => until === null)
      if (isBehind && lag === undefined) {
        one.row.lags.push({ from: writtenUpTo(one), until: null, at: null })
      }
      if (!isBehind && lag !== undefined) {
        lag.until = run.position
        lag.at = world.now
      }
    }
  }
}

/** Up to where everything for it is with the network. */
export const writtenUpTo = (one: Connection): number => {
  return one.waiting.length > 0 ? (one.waiting[0] ?? 0) - 1 : one.run.position
}

/** What migration 0029 reads out of an open row. */
export const recordedUpTo = (one: Connection): number => {
  if (one.row === null) return 0
  const lag = one.row.lags.find(({ until }) => until === null)
  if (lag !== undefined) return lag.from
  const newest = one.run.progress.findLast(({ at }) => at.getTime() >= one.connectedAt)
  return Math.max(one.row.written, newest?.seq ?? 0)
}

/** The connection log is written every 200 ms. */
const isLogged = ({ kills }: Recorded, one: Connection): boolean => {
  const kill = kills.find(({ run }) => run === one.run)
  return kill === undefined || kill.at - one.connectedAt > 200
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))
