/** A line that holds up a guarantee, and the test that must turn red without it. */
export interface Guard {
  /** What is no longer true without the line. */
  readonly guarantee: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly line: string
  /** What takes its place. Default nothing. */
  readonly instead?: string
  /** Project and file of the test, as `vitest run --project` wants them. */
  readonly test: readonly [project: string, file: string]
}

export const GUARDS: readonly Guard[] = [
  {
    guarantee: 'A node that hears nothing closes its sockets (the fence)',
    file: 'src/realtime/closing.ts',
    line: 'if (deps.knowledgeAgeMs() >= deps.closeAfterMs) deps.closeAll()',
    test: ['redis', 'test/realtime/partition.redis.test.ts'],
  },
  {
    guarantee: 'A change during the look-up is seen before the session opens',
    file: 'src/realtime/opening.ts',
    line: 'while (!admission.isCurrent(socket.data.principal)) {',
    instead: 'while (!socket.data.isOpened) {',
    test: ['unit', 'test/realtime/opening.test.ts'],
  },
  {
    guarantee: 'No token stays on the handshake',
    file: 'src/middleware/socketAuth.ts',
    line: '  scrub(socket)\n',
    test: ['unit', 'test/security/handshake.test.ts'],
  },
  {
    guarantee: 'A node that is cut off sends no ad-hoc message',
    file: 'src/realtime/publisher.ts',
    line: "if (freshness === 'stale') throw new AppError('AUTH_STALE')",
    test: ['unit', 'test/realtime/publisher.test.ts'],
  },
  {
    guarantee: 'Nobody is taken for current after a standstill before the log is confirmed',
    file: 'src/auth/user-directory.ts',
    line: 'options.isFresh() && known.get(user.id) === user',
    instead: 'known.get(user.id) === user',
    test: ['unit', 'test/auth/user-directory.test.ts'],
  },
  {
    guarantee: 'A role receives only the feeds that are its own',
    file: 'src/realtime/fan-out.ts',
    line: 'all.filter(({ audience }) => audiences.includes(audience))',
    instead: 'all.filter(({ audience }) => audiences.includes(audience) || audience !== "")',
    test: ['postgres', 'test/realtime/fan-out.pg.test.ts'],
  },
  {
    guarantee: 'Rights end before the rest of their batch is sent',
    file: 'src/realtime/delivery.ts',
    line: 'if (endsRight(entry)) endings.set(entry, sessions.end(entry))',
    instead: 'continue',
    test: ['unit', 'test/realtime/delivery.test.ts'],
  },
  {
    guarantee: 'A listener that throws does not keep the batch from the others',
    file: 'src/log/tail.ts',
    line: "tellReset(listener, 'listener_failed')",
    instead: 'throw error',
    test: ['postgres', 'test/log/tail.pg.test.ts'],
  },
  {
    guarantee: 'A start that fails releases what it had started',
    file: 'src/composition/record.ts',
    line: "releases.add('heartbeat', () => heartbeat.stop())",
    instead: "releases.add('heartbeat', () => undefined)",
    test: ['redis', 'test/composition/start.redis.test.ts'],
  },
  {
    guarantee: 'An answer to an old heartbeat does not set the time back',
    file: 'src/audit/node-registry.ts',
    line: 'lastSeenMs = Math.max(lastSeenMs, atMs)',
    instead: 'lastSeenMs = atMs',
    test: ['unit', 'test/audit/late-heartbeat.test.ts'],
  },
  {
    guarantee: 'Low stock is announced again after it was above its threshold',
    file: 'migrations/0010-usable-stock.sql',
    line: 'update inventory_items set low_stock_announced = is_low where sku = item_sku;',
    instead: 'update inventory_items set low_stock_announced = true where sku = item_sku;',
    test: ['postgres', 'test/log/stock-triggers.pg.test.ts'],
  },
  {
    guarantee: 'A user that the log changed is looked up again',
    file: 'src/auth/user-directory.ts',
    line: '    lookUp.overtaken = true\n',
    test: ['unit', 'test/auth/user-directory.test.ts'],
  },
  {
    guarantee: 'A user has so many sockets over the cluster and no more',
    file: 'src/realtime/connection-slots.ts',
    line: 'if (taken !== 0) return\n',
    instead: 'return\n',
    test: ['redis', 'test/realtime/cluster.redis.test.ts'],
  },
  {
    guarantee: 'Two services on one Redis never meet',
    file: 'src/realtime/redis.ts',
    line: '`uzima:${service}:${rest}`',
    instead: '`uzima:${rest}`',
    test: ['redis', 'test/realtime/two-services.redis.test.ts'],
  },
  {
    guarantee: 'An alert whose cause is gone is resolved, whoever wrote',
    file: 'migrations/0018-alerts.sql',
    line: '      update alerts set resolved_at = moment where id = any (gone);\n',
    test: ['pglite', 'test/alerts/raising.pg.test.ts'],
  },
  {
    guarantee: 'What is told of an alert is its newest state, however its changes meet',
    file: 'migrations/0018-alerts.sql',
    line: '      perform from alerts where id = any (changed) order by id for no key update;\n',
    test: ['postgres', 'test/alerts/acting.pg.test.ts'],
  },
  {
    guarantee: 'An acknowledgement that is left open stops the day of nobody else',
    file: 'migrations/0021-alert-time.sql',
    line: 'where sku = any (skus) and resolved_at is null for no key update skip locked);',
    instead: 'where sku = any (skus) and resolved_at is null);',
    test: ['postgres', 'test/alerts/acting.pg.test.ts'],
  },
  {
    guarantee:
      'An alert reaches only who may act on it, and the next role only once it is escalated',
    file: 'src/log/audience.ts',
    line: "...(maySeeAlerts && hearsOfLowStock ? (['alert'] as const) : []),",
    instead: "...(maySeeAlerts ? (['alert'] as const) : []),",
    test: ['postgres', 'test/realtime/alerts.pg.test.ts'],
  },
]
