import { randomBytes } from 'node:crypto'
import type { Database, Queryable } from '../../storage/database.js'
import { hasTexts, leafOf, textsHash } from './leaf.js'
import { growTree, splitHashes, type Tree } from './merkle.js'
import { signHead, type Signer } from './note.js'
import { readEvidenceRows, type EvidenceRow, type RowName } from './rows.js'

/** A signed head as it is kept. */
export interface Checkpoint {
  readonly epoch: string
  readonly size: number
  /** 64 hexadecimal digits. */
  readonly root: string
  readonly at: string
  /** C2SP tlog-checkpoint, signed. */
  readonly note: string
}

export interface ExtendOptions {
  /** All of them sign; those that nobody has seen yet get a leaf first. */
  readonly signers: readonly Signer[]
  /** Rows in one transaction. Default 1,000. */
  readonly batchSize?: number
  /** Asked between two transactions; true ends it early, without a head. */
  readonly isStopped?: () => boolean
}

// Any number, the same in every process of this service.
const LOCK = 7_241_993_031

/**
 * Takes everything that is committed and has no leaf into the tree of the current epoch, signs its head, and resolves to that.
 * Undefined where another process is at it, or nothing has ever happened. What commits meanwhile comes with the next call,
 * whatever its number: nothing is passed over, and no leaf changes.
 */
export const extendEvidence = async (
  database: Database,
  { signers, batchSize = 1_000, isStopped = () => false }: ExtendOptions,
): Promise<Checkpoint | undefined> => {
  for (;;) {
    const step = await database.transaction((tx) => extendOnce(tx, signers, batchSize))
    if (step !== 'more') return step
    if (isStopped()) return undefined
  }
}

interface Taken extends RowName {
  /** Of the row in `evidence_pending`; null where a mark says how far we are. */
  readonly pending: number | null
}

const extendOnce = async (
  tx: Queryable,
  signers: readonly Signer[],
  batchSize: number,
): Promise<Checkpoint | 'more' | undefined> => {
  const [lock] = await tx.query<{ held: boolean }>(
    `select pg_try_advisory_xact_lock(${LOCK.toString()}) as held`,
  )
  if (lock?.held !== true) return undefined
  // Each a statement of its own: what is read must be younger than the lock.
  const place = await openTree(tx, signers)
  const taken: Taken[] = place.before === undefined ? [] : [{ ...place.before, pending: null }]
  taken.push(...(await announceKeys(tx, signers)))
  for (const take of [takePending, takeMovements, takeConnections]) {
    if (taken.length < batchSize) taken.push(...(await take(tx, batchSize - taken.length)))
  }
  const rows = await readEvidenceRows(tx, taken)
  await append(tx, place, taken, rows)
  if (taken.length >= batchSize) return 'more'
  return place.tree.size() === 0 ? undefined : signTree(tx, place, signers)
}

interface Place {
  readonly number: number
  readonly epoch: string
  readonly tree: Tree
  /** The tree before, where this one has just begun: its leaf 0. */
  readonly before?: RowName | undefined
}

interface TreeRow {
  readonly tree: number
  readonly epoch: string
  readonly size: number
  readonly frontier: Uint8Array
}

const openTree = async (tx: Queryable, signers: readonly Signer[]): Promise<Place> => {
  const [head] = await tx.query<{ epoch: string }>('select epoch::text from log_head')
  if (head === undefined) throw new Error('log_head has no row.')
  const [last] = await tx.query<TreeRow>(
    'select tree, epoch::text, size, frontier from evidence_trees order by tree desc limit 1',
  )
  if (last?.epoch === head.epoch) return placeOf(last)
  const next = { tree: (last?.tree ?? 0) + 1, epoch: head.epoch, size: 0, frontier: Buffer.of() }
  // What has no leaf was never signed: it may as well begin with the new name.
  await tx.query('delete from evidence_trees where size = 0')
  await tx.query('insert into evidence_trees (tree, epoch) values ($1, $2)', [
    next.tree,
    next.epoch,
  ])
  if (last === undefined || last.size === 0) return placeOf(next)
  await signTree(tx, placeOf(last), signers)
  return { ...placeOf(next), before: { kind: 'tree', ref: last.epoch } }
}

const placeOf = ({ tree, epoch, size, frontier }: TreeRow): Place => ({
  number: tree,
  epoch,
  tree: growTree(size, splitHashes(frontier)),
})

const announceKeys = async (tx: Queryable, signers: readonly Signer[]): Promise<Taken[]> => {
  const taken: Taken[] = []
  for (const { id, vkey } of signers) {
    const isNew = await tx.query(
      `insert into checkpoint_keys (id, vkey, first_at) values ($1, $2, clock_timestamp())
       on conflict do nothing returning id`,
      [id, vkey],
    )
    if (isNew.length > 0) taken.push({ kind: 'key', ref: id, pending: null })
  }
  return taken
}

const takePending = (tx: Queryable, limit: number): Promise<Taken[]> =>
  tx.query<Taken>('select id as pending, kind, ref from evidence_pending order by id limit $1', [
    limit,
  ])

/** Their ids are given with the head of the log locked: in the order in which they commit. */
const takeMovements = (tx: Queryable, limit: number): Promise<Taken[]> =>
  tx.query<Taken>(
    `with taken as (
       select id from stock_movements
       where id > coalesce((select position from evidence_marks where kind = 'stock_movement'), 0)
       order by id limit $1),
     marked as (
       insert into evidence_marks (kind, ref, position)
       select 'stock_movement', '', max(id) from taken having count(*) > 0
       on conflict (kind, ref) do update set position = excluded.position)
     select 'stock_movement' as kind, id::text as ref, null::bigint as pending from taken order by id`,
    [limit],
  )

/** How far each node's chain has come since; the marks of chains that retention has removed go with them. */
const takeConnections = async (tx: Queryable, limit: number): Promise<Taken[]> => {
  await tx.query(
    `delete from evidence_marks m
     where kind = 'connections' and not exists (select from nodes where id = m.ref::uuid)`,
  )
  return tx.query<Taken>(
    `with taken as (
       select n.id::text as run, coalesce(m.position, 0) as position, n.last_seq
       from nodes n left join evidence_marks m on m.kind = 'connections' and m.ref = n.id::text
       where n.last_seq > coalesce(m.position, 0) order by n.started_at limit $1),
     marked as (
       insert into evidence_marks (kind, ref, position) select 'connections', run, last_seq from taken
       on conflict (kind, ref) do update set position = excluded.position)
     select 'connections' as kind, run || ':' || (position + 1)::text || '-' || last_seq::text as ref,
       null::bigint as pending from taken`,
    [limit],
  )
}

const append = async (
  tx: Queryable,
  { number, tree }: Place,
  taken: readonly Taken[],
  rows: readonly (EvidenceRow | undefined)[],
): Promise<void> => {
  const leaves: object[] = []
  taken.forEach(({ kind, ref }, at) => {
    const found = rows[at]
    // It went again before it came in: nobody can say any more what it was.
    if (found === undefined) return
    const salt = hasTexts(found.texts) ? randomBytes(16).toString('hex') : null
    const texts = salt === null ? null : textsHash(salt, found.texts)
    const leaf = leafOf(found.row, texts)
    leaves.push({ n: tree.size(), kind, ref, leaf: leaf.toString('hex'), texts, salt })
    tree.append(leaf)
  })
  if (leaves.length > 0) {
    await tx.query(
      `insert into evidence (tree, n, kind, ref, leaf, texts_hash, salt)
       select $1, n, kind, ref, decode(leaf, 'hex'), decode(texts, 'hex'), decode(salt, 'hex')
       from json_to_recordset($2::json) as r (n bigint, kind text, ref text, leaf text, texts text, salt text)`,
      [number, JSON.stringify(leaves)],
    )
    await tx.query('update evidence_trees set size = $2, frontier = $3 where tree = $1', [
      number,
      tree.size(),
      Buffer.concat(tree.frontier()),
    ])
  }
  const pending = taken.flatMap(({ pending: id }) => (id === null ? [] : [id.toString()]))
  if (pending.length > 0) {
    await tx.query('delete from evidence_pending where id = any($1::bigint[])', [pending])
  }
}

/** Where nothing has come in, the head of the same size gets a later time: so it says until when nothing had. */
const signTree = async (
  tx: Queryable,
  { number, epoch, tree }: Place,
  signers: readonly Signer[],
): Promise<Checkpoint> => {
  const [now] = await tx.query<{ instance: string; at: string }>(
    `select (select epoch::text from evidence_trees order by tree limit 1) as instance,
       iso_time(clock_timestamp()) as at`,
  )
  if (now === undefined) throw new Error('The database gives no time.')
  const root = tree.root().toString('hex')
  const origin = `uzima/${now.instance}/${epoch}`
  const checkpoint = { epoch, size: tree.size(), root, at: now.at }
  const note = signHead({ origin, ...checkpoint }, signers)
  await tx.query(
    `insert into checkpoints (tree, size, root, at, note) values ($1, $2, decode($3, 'hex'), $4::timestamptz, $5)
     on conflict (tree, size) do update set root = excluded.root, at = excluded.at, note = excluded.note`,
    [number, checkpoint.size, root, now.at, note],
  )
  return { ...checkpoint, note }
}
