import type { System } from '@uzima/contracts'

/** Whether nothing needs anybody: every server answers, admits callers and reaches what it needs. */
export const isWell = ({ nodes, missingNodes }: System): boolean =>
  missingNodes.length === 0 &&
  nodes.every(
    ({ ready, database, redis, log }) =>
      ready && database === 'up' && (redis === 'up' || redis === 'unused') && log === 'fresh',
  )
