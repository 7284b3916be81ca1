/** One kind of evidence: which rows of which table, and what of them is in the leaf. The order never changes. */
export interface Kind {
  readonly from: string
  /** SQL: whether the row is one of the refs in `$1::text[]`; by an index. */
  readonly where: string
  readonly ref: string
  /** SQL of what stands in the leaf as it is; by the name that documents and answers use. */
  readonly fields: Readonly<Record<string, string>>
  /** SQL of what is personal, and stands in the leaf as one salted hash. */
  readonly texts: Readonly<Record<string, string>>
}

/** To the microsecond: what PostgreSQL keeps, so that no edit hides below a millisecond. */
const exact = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** Fields of a row whose change is on record that are about people in words. */
const PERSONAL = `array['username', 'email', 'reason', 'granted_by', 'revoked_by', 'review_note']`
const personalOf = (column: string): string =>
  `(select jsonb_object_agg(key, value) from jsonb_each(${column}) where key = any(${PERSONAL}))::text`

/** Of each grant that a change of rights names, in their order; null where there is none. */
const membersOf = (member: string): string =>
  `(select json_agg(${member} order by place)::text from jsonb_array_elements(r.grants) with ordinality as t (g, place))`

/** JSON of a row is text here: as a number JavaScript would round what somebody else wrote. */
export const KINDS = {
  stock_movement: {
    from: 'stock_movements r',
    where: 'r.id = any($1::bigint[])',
    ref: 'r.id::text',
    fields: {
      seq: 'r.seq',
      sku: 'r.sku',
      type: 'r.type',
      delta: 'r.delta',
      before: 'r.before',
      after: 'r.after',
      lots: 'r.lots::text',
      userId: 'r.user_id',
      at: exact('r.at'),
    },
    texts: { actor: 'r.actor', reason: 'r.reason' },
  },
  record_change: {
    from: 'record_changes r',
    where: 'r.id = any($1::bigint[])',
    ref: 'r.id::text',
    fields: {
      record: 'r.record',
      key: 'r.key',
      type: 'r.type',
      before: `(r.before - ${PERSONAL})::text`,
      after: `(r.after - ${PERSONAL})::text`,
      at: exact('r.at'),
    },
    texts: {
      actor: 'r.actor',
      reason: 'r.reason',
      personalBefore: personalOf('r.before'),
      personalAfter: personalOf('r.after'),
    },
  },
  grant: {
    from: 'role_grants r',
    where: 'r.id = any($1::uuid[])',
    ref: 'r.id::text',
    // What never changes of it; the rest is in the changes of its record.
    fields: {
      userId: 'r.user_id::text',
      role: 'r.role',
      kind: 'r.kind',
      validFrom: exact('r.valid_from'),
      createdAt: exact('r.created_at'),
    },
    texts: { grantedBy: 'r.granted_by', reason: 'r.reason' },
  },
  grant_edge: {
    from: 'grant_edges r',
    where: `r.grant_id = any(array(select split_part(a, ':', 1)::uuid from unnest($1::text[]) a))
      and r.grant_id::text || ':' || r.edge = any($1::text[])`,
    ref: `r.grant_id::text || ':' || r.edge`,
    fields: { dueAt: exact('r.due_at'), seq: 'r.seq', at: exact('r.at') },
    texts: {},
  },
  revocation: {
    from: 'revocations r',
    where: 'r.seq = any($1::bigint[])',
    ref: 'r.seq::text',
    fields: { userId: 'r.user_id', ended: 'r.ended', committedAt: exact('r.committed_at') },
    texts: { actor: 'r.actor' },
  },
  revocation_ack: {
    from: 'revocation_acks r',
    where: `r.seq = any(array(select split_part(a, ':', 1)::bigint from unnest($1::text[]) a))
      and r.seq::text || ':' || r.node_run::text = any($1::text[])`,
    ref: `r.seq::text || ':' || r.node_run::text`,
    fields: {
      socketsClosed: 'r.sockets_closed',
      socketsMoved: 'r.sockets_moved',
      ackedAt: exact('r.acked_at'),
      appliedAfterMs: 'r.applied_after_ms::text',
    },
    texts: {},
  },
  right_change: {
    from: 'right_changes r',
    where: `r.user_id = any(array(select split_part(a, ':', 2) from unnest($1::text[]) a))
      and r.seq::text || ':' || r.user_id = any($1::text[])`,
    ref: `r.seq::text || ':' || r.user_id`,
    fields: {
      seq: 'r.seq',
      userId: 'r.user_id',
      role: 'r.role',
      roles: 'to_json(r.roles)::text',
      isActive: 'r.is_active',
      deleted: 'r.deleted',
      ended: 'r.ended',
      grants: membersOf(`g - 'by'`),
      at: exact('r.at'),
    },
    texts: { username: 'r.username', actor: 'r.actor', grantsBy: membersOf(`g -> 'by'`) },
  },
  node: {
    from: 'nodes r',
    where: 'r.id = any($1::uuid[])',
    ref: 'r.id::text',
    fields: { name: 'r.name', startedAt: exact('r.started_at') },
    texts: {},
  },
  // Who sees which feed of the node: a setting of the run, said once.
  node_rules: {
    from: 'nodes r',
    where: 'r.id = any($1::uuid[]) and r.rules is not null',
    ref: 'r.id::text',
    fields: { rules: 'r.rules::text' },
    texts: {},
  },
  // `<run>:<last sign of life>/<end>`. The row forgets it when the run comes back, so all that is said is in the name.
  node_end: {
    from: `unnest($1::text[]) as asked (ref) join nodes r on r.id = split_part(asked.ref, ':', 1)::uuid`,
    where: 'true',
    ref: 'asked.ref',
    fields: {
      lastSignAt: `split_part(substr(asked.ref, 38), '/', 1)`,
      endedAt: `split_part(substr(asked.ref, 38), '/', 2)`,
    },
    texts: {},
  },
  // The head of a node's chain of connections, `<run>:<first>-<last>`: the hash of the last row covers all before it.
  connections: {
    from: `unnest($1::text[]) as asked (ref)
      join connection_log r on r.node_run = split_part(asked.ref, ':', 1)::uuid
        and r.node_seq = split_part(asked.ref, '-', -1)::bigint`,
    where: 'true',
    ref: 'asked.ref',
    fields: { hash: `encode(r.hash, 'hex')` },
    texts: {},
  },
  key: {
    from: 'checkpoint_keys r',
    where: 'r.id = any($1::text[])',
    ref: 'r.id',
    fields: { vkey: 'r.vkey', firstAt: exact('r.first_at') },
    texts: {},
  },
  // Leaf 0 of a tree that is not the first: the end of the one before.
  tree: {
    from: 'evidence_trees r join checkpoints c on c.tree = r.tree and c.size = r.size',
    where: 'r.epoch = any($1::uuid[])',
    ref: 'r.epoch::text',
    fields: { size: 'r.size', root: `encode(c.root, 'hex')` },
    texts: {},
  },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof KINDS

/** Whose rows retention removes after years, and never before they are 30 days old; the leaves stay. */
export const PRUNED_KINDS: ReadonlySet<string> = new Set<KindName>([
  'connections',
  'node',
  'node_rules',
  'node_end',
  'right_change',
])
