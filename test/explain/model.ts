import type { Records, RightChange } from '../../src/explain/records.js'
import { putOnRecord, recordedUpTo, recordsOf, writtenUpTo } from './model-records.js'
import {
  receives,
  type Connection,
  type HeldRights,
  type ModelEntry,
  type Rules,
  type Run,
  type Step,
} from './model-state.js'

const REPLAYED_AT_MOST = 12
const DEAD_AFTER_MS = 70_000

/** What a run of the history knows by construction, and the records that servers would have made meanwhile. */
export class World {
  now = 1_700_000_000_000
  seq = 0
  readonly entries: ModelEntry[] = []
  readonly changes: RightChange[] = []
  readonly connections: Connection[] = []
  readonly runs: Run[] = []
  readonly kills: { readonly at: number; readonly run: Run }[] = []
  #rights: HeldRights = { role: 'pharmacist', granted: [], isActive: true, isDeleted: false }
  readonly #rightsBySeq = new Map<number, HeldRights>()
  #flushedAt = 0

  constructor(rules: Rules) {
    this.start(0, rules)
    this.start(1, rules)
    this.#changed(null)
  }

  run(step: Step, afterMs: number): void {
    this.now += afterMs
    if (this.now - this.#flushedAt >= 1_000) this.#flush()
    const node = 'node' in step ? this.#living(step.node) : undefined
    const open = this.connections.filter(({ closedAt }) => closedAt === null)
    const one = 'which' in step ? open[step.which % Math.max(open.length, 1)] : undefined
    switch (step.do) {
      case 'entry':
        this.#entry(
          step.audience === 'internal' ? 'session:ended' : 'inventory:update',
          step.audience,
        )
        break
      case 'role':
        this.#changed(null, { role: step.role })
        break
      case 'grant':
        this.#changed(null, { granted: [...new Set([...this.#rights.granted, step.role])] })
        break
      case 'ungrant':
        this.#changed(null, {
          granted: this.#rights.granted.filter((role) => role !== step.role),
        })
        break
      case 'deactivate':
        this.#changed('AUTH_USER_INACTIVE', { isActive: false })
        break
      case 'activate':
        this.#changed(null, { isActive: true })
        break
      case 'revoke':
        this.#changed('AUTH_SESSION_REVOKED')
        this.revokedAt.push(this.seq)
        break
      case 'delete':
        this.#changed('AUTH_USER_UNKNOWN', { isDeleted: true })
        break
      case 'connect':
        if (node !== undefined && !node.isFenced) this.#connect(node, step.back, step.slow)
        break
      case 'leave':
        if (one !== undefined && !one.run.isFenced) this.#close(one, 'CLIENT_GONE')
        break
      case 'stall':
        if (one !== undefined) one.isStalled = true
        break
      case 'unstall':
        if (one !== undefined) this.#unstall(one)
        break
      case 'cut':
        if (one?.isStalled === true && one.waiting.length > 0) this.#close(one, 'SLOW_CONSUMER')
        break
      case 'apply':
        if (one !== undefined) this.#apply(one)
        break
      case 'fence':
        if (node !== undefined) node.isFenced = true
        break
      case 'unfence':
        if (node !== undefined) this.#unfence(node)
        break
      case 'giveUp':
        // It has missed something by then.
        if (node === undefined) break
        node.isFenced = true
        this.#entry('inventory:update', 'stock')
        this.#closeAll(node, 'AUTH_STALE')
        break
      case 'kill':
        if (node !== undefined) this.#kill(node)
        break
      case 'stop':
        if (node !== undefined) {
          this.#closeAll(node, 'SERVER_DRAINING')
          node.endedAt = this.now
        }
        break
      case 'start':
        if (node === undefined) this.start(step.node, step.rules)
        break
      case 'nothing':
        break
    }
  }

  start(node: number, rules: Rules): void {
    this.runs.push({
      id: `run-${this.runs.length.toString()}`,
      node,
      rules,
      startedAt: this.now,
      endedAt: null,
      lastSignAt: undefined,
      position: this.seq,
      isFenced: false,
      progress: [],
    })
  }

  #living(node: number): Run | undefined {
    return this.runs.find((run) => run.node === node && run.endedAt === null && !this.#isDead(run))
  }

  #isDead(run: Run): boolean {
    return this.kills.some((kill) => kill.run === run)
  }

  #entry(name: string, audience: string): void {
    this.seq += 1
    const living = this.runs.filter(
      (run) => run.endedAt === null || (this.#isDead(run) && run.endedAt >= this.now),
    )
    const rights = this.#rights
    const isPublic = name === 'inventory:update'
    this.entries.push({
      seq: this.seq,
      name,
      audience,
      ref: null,
      at: new Date(this.now),
      isSentBy: ({ rules }) => isPublic && receives(rights, audience, rules),
      living,
    })
    for (const run of this.runs) {
      if (run.endedAt !== null || this.#isDead(run) || run.isFenced) continue
      run.position = this.seq
      if (name === 'inventory:update') this.#hand(run, audience, this.seq)
    }
  }

  #hand(run: Run, audience: string, seq: number): void {
    if (!receives(this.#rights, audience, run.rules)) return
    for (const one of this.connections) {
      if (one.run !== run || one.closedAt !== null) continue
      if (one.isStalled) one.waiting.push(seq)
      else one.got.add(seq)
    }
  }

  #changed(ends: string | null, next: Partial<HeldRights> = {}): void {
    // Who is deleted stays so.
    this.#rights = this.#rights.isDeleted ? this.#rights : { ...this.#rights, ...next }
    const { role, granted, isActive, isDeleted } = this.#rights
    this.#entry('user:changed', 'user:u')
    this.#rightsBySeq.set(this.seq, this.#rights)
    this.changes.push({
      seq: this.seq,
      at: new Date(this.now),
      username: 'u',
      role: isDeleted ? null : role,
      roles: isDeleted ? [] : [...new Set([role, ...granted])],
      isActive,
      isDeleted,
      actor: 'admin',
      grants: [],
    })
    if (ends === null) return
    for (const one of this.connections) {
      if (one.closedAt === null && !one.run.isFenced && !this.#isDead(one.run))
        this.#close(one, ends)
    }
  }

  #connect(run: Run, back: number, slow: boolean): void {
    if (!this.#rights.isActive || this.#rights.isDeleted) return
    const asked = back < 0 ? null : Math.max(run.position - back, 0)
    const how = asked === null ? 'live' : back > REPLAYED_AT_MOST ? 'snapshot' : 'replay'
    const missed =
      how === 'replay' && asked !== null
        ? this.entries.filter(
            ({ seq, name, audience }) =>
              seq > asked &&
              seq <= run.position &&
              name === 'inventory:update' &&
              receives(this.#rights, audience, run.rules),
          )
        : []
    const seqs = missed.map(({ seq }) => seq)
    this.connections.push({
      id: `socket-${this.connections.length.toString()}`,
      run,
      connectedAt: this.now,
      how,
      asked,
      joined: run.position,
      got: new Set(slow ? [] : seqs),
      waiting: slow ? seqs : [],
      isStalled: slow,
      applied: null,
      marks: [],
      closedAt: null,
      code: null,
      row: null,
    })
  }

  #unstall(one: Connection): void {
    if (one.run.isFenced && one.closedAt !== null) return
    one.isStalled = false
    for (const seq of one.waiting) one.got.add(seq)
    one.waiting = []
  }

  #apply(one: Connection): void {
    const seq = writtenUpTo(one)
    if (one.applied !== null && seq <= one.applied) return
    one.applied = seq
    one.marks.push({ seq, at: new Date(this.now) })
  }

  #close(one: Connection, code: string): void {
    const written = writtenUpTo(one)
    one.row ??= { written, writtenAt: null, lags: [] }
    one.row.written = written
    one.closedAt = this.now
    one.code = code
  }

  #closeAll(run: Run, code: string): void {
    for (const one of this.connections) {
      if (one.run === run && one.closedAt === null) this.#close(one, code)
    }
  }

  /** It hears all at once what it has missed; whose right has ended in it gets nothing of it. */
  #unfence(run: Run): void {
    if (!run.isFenced) return
    run.isFenced = false
    const missed = this.entries.filter(({ seq }) => seq > run.position)
    const ends = this.changes.some(
      ({ seq, isActive, isDeleted }) => seq > run.position && (!isActive || isDeleted),
    )
    if (ends || this.#wasRevokedAfter(run.position)) this.#closeAll(run, 'AUTH_SESSION_REVOKED')
    const now = this.#rights
    for (const { seq, name, audience } of missed) {
      this.#rights = [...this.#rightsBySeq].findLast(([at]) => at <= seq)?.[1] ?? now
      run.position = seq
      if (name === 'inventory:update') this.#hand(run, audience, seq)
    }
    this.#rights = now
  }

  readonly revokedAt: number[] = []

  #wasRevokedAfter(seq: number): boolean {
    return this.revokedAt.some((at) => at > seq)
  }

  #kill(run: Run): void {
    this.kills.push({ at: this.now, run })
    run.lastSignAt = this.now - ((this.now / 100) % 30) * 100
    // In the time to come; nothing that follows asks a dead run for anything.
    run.endedAt = this.now + DEAD_AFTER_MS
    for (const one of this.connections) {
      if (one.run !== run || one.closedAt !== null) continue
      one.waiting = []
      one.closedAt = run.endedAt
      one.code = 'NODE_LOST'
      if (one.row !== null) one.row.written = recordedUpTo(one)
    }
  }

  #flush(): void {
    this.#flushedAt = this.now
    putOnRecord(this)
  }

  records(): Records {
    this.#flush()
    return recordsOf(this)
  }
}
