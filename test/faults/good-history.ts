import type { Evidence } from '../../e2e/faults/checker/mutation.js'
import { stateHash, textHash, type ItemState } from '../../e2e/faults/clients/replica.js'
import type { DumpedAttempt, DumpedEntry, DumpedMovement } from '../../e2e/faults/dump.js'
import type { HistoryRecord } from '../../e2e/faults/history.js'

const EPOCH = '11111111-1111-4111-8111-111111111111'
const SKU = 'MED-001'
const LOTS = [
  { lotNumber: 'L2', expiryDate: '2031-01-01' },
  { lotNumber: 'L1', expiryDate: '2031-02-01' },
]

/** A small run in which nothing went wrong: a pharmacist who is deactivated on the way, a doctor, a ghost, a writer. */
export const makeGoodHistory = (): Evidence => {
  const records: HistoryRecord[] = []
  const log: DumpedEntry[] = []
  const movements: DumpedMovement[] = []
  const attempts: DumpedAttempt[] = []
  const stock = new Map(LOTS.map(({ lotNumber }) => [lotNumber, 0]))
  let version = 0
  let t = 0

  const total = (): number => [...stock.values()].reduce((sum, units) => sum + units, 0)
  const item = (): ItemState => ({
    sku: SKU,
    threshold: 15,
    version,
    totalQuantity: total(),
    usableQuantity: total(),
    lots: LOTS.map((lot) => ({ ...lot, quantity: stock.get(lot.lotNumber) ?? 0 })),
  })
  const enter = (name: string, audience: string, body: Record<string, unknown>): DumpedEntry => {
    const payload = { ...body, seq: log.length + 1 }
    t += 1
    const hash = textHash(JSON.stringify(payload))
    const entry = { seq: payload.seq, name, audience, payload, hash, at: t }
    log.push(entry)
    return entry
  }
  const user = (userId: string, role: string, isActive: boolean): number =>
    enter('user:changed', `user:${userId}`, {
      userId,
      role,
      isActive,
      ended: isActive ? null : 'deactivated',
    }).seq

  /** Moves stock as the database does: an entry, its movement, and an alert where the threshold is crossed. */
  const move = (type: string, deltas: Record<string, number>, reason: string): DumpedEntry[] => {
    const before = total()
    const lots = LOTS.filter(({ lotNumber }) => deltas[lotNumber] !== undefined).map((lot) => {
      const was = stock.get(lot.lotNumber) ?? 0
      const delta = deltas[lot.lotNumber] ?? 0
      stock.set(lot.lotNumber, was + delta)
      return { ...lot, delta, before: was, after: was + delta }
    })
    version += 1
    const after = total()
    const entry = enter('inventory:update', 'stock', { type, item: item() })
    movements.push({
      id: movements.length + 1,
      sku: SKU,
      type,
      delta: after - before,
      before,
      after,
      lots,
      actor: 'writer-1',
      reason,
      seq: entry.seq,
    })
    if (before <= 15 || after > 15) return [entry]
    return [entry, enter('inventory:lowStock', 'alerts', { sku: SKU })]
  }

  const connect = (client: string, userId: string, number: number, claimed: number | null) => {
    const attempt = `rig/${client}/${String(number)}`
    const position = { epoch: EPOCH, seq: claimed ?? log.length }
    const of = { client, attempt } as const
    t += 1
    const resumed = claimed !== null
    records.push(
      {
        t,
        op: 'attempt',
        ...of,
        kind: 'raw',
        node: 'n1',
        userId,
        tokenAt: t - 1,
        claimed: claimed === null ? null : position,
      },
      { t, op: 'connected', ...of, position, resumed, role: 'pharmacist' },
    )
    if (!resumed) records.push({ t, op: 'snapshot', ...of, position, applied: [] })
    for (const outcome of ['accepted', 'closed']) {
      attempts.push({ outcome, code: null, userAgent: attempt, node: 'n1' })
    }
    return of
  }
  const receive = (of: { client: string; attempt: string }, entries: readonly DumpedEntry[]) => {
    for (const { seq, name, hash } of entries) {
      t += 1
      // Only entries of the two feeds are handed in.
      records.push({ t, op: 'packet', ...of, seq, name: name as never, hash, applied: true })
    }
  }
  const write = (id: string, quantity: number): DumpedEntry[] => {
    const base = { op: 'write', write: id, actor: 'writer-1' } as const
    t += 1
    const invoke = { phase: 'invoke', via: 'rest', kind: 'consume', sku: SKU, quantity } as const
    records.push({ t, ...base, ...invoke })
    // Both lots expire later than today; the earlier one gives until it is empty.
    const fromFirst = Math.min(quantity, stock.get('L2') ?? 0)
    const deltas = {
      ...(fromFirst > 0 ? { L2: -fromFirst } : {}),
      ...(quantity > fromFirst ? { L1: fromFirst - quantity } : {}),
    }
    const entries = move('consumed', deltas, id)
    const lotsConsumed = movements.at(-1)?.lots.map(({ lotNumber, expiryDate, delta }) => ({
      lotNumber,
      expiryDate,
      quantity: -delta,
    }))
    t += 1
    records.push({ t, ...base, phase: 'ok', version, item: item(), lotsConsumed })
    records.push({ t, ...base, phase: 'repeat', same: true })
    return entries
  }

  user('pharmacist', 'pharmacist', true)
  user('doctor', 'doctor', true)
  // What was there before anybody came.
  move('lot_added', { L2: 20, L1: 20 }, 'seed')
  const pharmacist = connect('raw-1', 'pharmacist', 1, null)
  const doctor = connect('raw-2', 'doctor', 1, null)
  for (const [id, quantity] of [
    ['w1', 5],
    ['w2', 18],
    ['w3', 4],
  ] as const) {
    const entries = write(id, quantity)
    receive(pharmacist, entries)
    receive(
      doctor,
      entries.filter(({ audience }) => audience === 'stock'),
    )
  }
  // Deactivated, and back with another token.
  const known = log.length
  const revoke = { op: 'revoke', id: 'r1', userId: 'pharmacist', action: 'deactivate' } as const
  t += 1
  records.push({ t, ...revoke, phase: 'invoke', seq: null, ackAt: null })
  const seq = user('pharmacist', 'pharmacist', false)
  t += 1
  records.push({ t, ...revoke, phase: 'ok', seq, ackAt: t })
  records.push({ t, op: 'disconnected', ...pharmacist, reason: 'close' })
  receive(doctor, write('w4', 1))
  user('pharmacist', 'pharmacist', true)
  // Long enough for each node to know of it.
  t += 5_000
  const missed = log.filter((entry) => entry.seq > known && entry.audience === 'stock')
  const again = connect('raw-1', 'pharmacist', 2, known)
  receive(again, missed)
  t += 1
  records.push({ t, op: 'healed', seq: log.length + 1 })
  const last = write('w5', 1)
  receive(again, last)
  receive(doctor, last)

  const ghost = { client: 'ghost-1', attempt: 'rig/ghost-1/1' } as const
  records.push(
    {
      t,
      op: 'attempt',
      ...ghost,
      kind: 'ghost',
      node: 'n1',
      userId: null,
      tokenAt: null,
      claimed: null,
    },
    {
      t,
      op: 'ghost',
      ...ghost,
      kind: 'no token',
      frame:
        '44{"message":"Authentication token required","data":{"code":"AUTH_TOKEN_MISSING","retryable":false}}',
    },
    { t, op: 'refused', ...ghost, code: 'AUTH_TOKEN_MISSING' },
  )
  attempts.push({
    outcome: 'refused',
    code: 'AUTH_TOKEN_MISSING',
    userAgent: ghost.attempt,
    node: 'n1',
  })
  for (const [client, userId] of [
    ['raw-1', 'pharmacist'],
    ['raw-2', 'doctor'],
  ] as const) {
    const hash = stateHash([item()])
    records.push({ t, op: 'final', client, userId, seq: log.length, stateHash: hash })
  }
  // Long after everything, so that it explains nothing.
  t += 100_000
  records.push({ t, op: 'exit', node: 'n1', pid: 1, planned: true, code: 0, signal: null })

  return {
    history: { startedAt: 0, records },
    dump: {
      head: { epoch: EPOCH, seq: log.length },
      log,
      movements: movements.map((one) => (one.reason === 'seed' ? { ...one, actor: 'seed' } : one)),
      items: [item()],
      attempts,
      logLines: [],
      chainHolds: true,
      auditIsFixed: true,
      users: [],
      today: '2026-11-22',
      uncaught: [],
    },
  }
}
