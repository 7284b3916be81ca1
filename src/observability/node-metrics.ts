import type { Gauge } from 'prom-client'
import type { MakeMetrics } from './make-metrics.js'

const REDIS_STATES = ['unused', 'up', 'degraded', 'down'] as const

/** How a node is, as `/health/ready` says it. */
export interface NodeFigures {
  readonly ready: boolean
  readonly databaseUp: boolean
  readonly databaseWritable: boolean
  readonly redis: {
    readonly state: (typeof REDIS_STATES)[number]
    readonly reason?: string | undefined
  }
}

/** A disk that this node writes. */
export interface DiskFigures {
  readonly name: 'data' | 'copies'
  readonly freeBytes: number
  /** Infinity where it does not fill; undefined where that is not known yet. */
  readonly daysLeft: number | undefined
}

/** What a node tells of itself; for `beforeScrape`. */
export interface NodeMetrics {
  readonly sawNode: (figures: NodeFigures) => void
  /** Told all disks that were found. */
  readonly sawDisks: (disks: readonly DiskFigures[]) => void
  /** What runs here; its value is always 1. */
  readonly info: Gauge<'version' | 'store'>
  /** Seconds since the newest copy in BACKUP_DIR; absent until it is set, where no copies are kept. */
  readonly copyAge: Gauge
  /** Seconds since a checkpoint of the evidence was signed. */
  readonly checkpointAge: Gauge
}

export const createNodeMetrics = ({ gauge }: MakeMetrics): NodeMetrics => {
  const ready = gauge('uzima_ready', '1 while /health/ready answers 200, else 0.')
  const databaseUp = gauge('uzima_database_up', '1 while the database answers, else 0.')
  const databaseWritable = gauge(
    'uzima_database_writable',
    '0 where the database only reads, or the disk of the embedded one is almost full.',
  )
  const redisState = gauge(
    'uzima_redis_state',
    '1 for the state that Redis is in, 0 for the others: unused, up, degraded, down.',
    ['state'],
  )
  const redisTrouble = gauge(
    'uzima_redis_trouble',
    '1 for the reason why Redis cannot be relied on; absent while it can.',
    ['reason'],
  )
  const copyAge = gauge(
    'uzima_copy_age_seconds',
    'Age of the newest copy in BACKUP_DIR, +Inf where there is none yet; absent where no copies are kept.',
  )
  const diskFree = gauge(
    'uzima_disk_free_bytes',
    'Bytes that can still be written on the disk of DATA_DIR (data), and on that of BACKUP_DIR where it is another one (copies); as of ten minutes ago at most.',
    ['disk'],
  )
  const diskDaysLeft = gauge(
    'uzima_disk_days_left',
    'Days until that disk is full, going by what was measured of it within 14 days; +Inf where it does not fill, absent until two days are known.',
    ['disk'],
  )
  // One without labels begins at 0, which would be a copy of this moment.
  copyAge.remove()
  const checkpointAge = gauge(
    'uzima_checkpoint_age_seconds',
    'Age of the newest signed checkpoint of the evidence in the cluster, or of this process where it has seen none yet.',
  )
  return {
    copyAge,
    checkpointAge,
    sawNode(figures) {
      ready.set(Number(figures.ready))
      databaseUp.set(Number(figures.databaseUp))
      databaseWritable.set(Number(figures.databaseWritable))
      for (const state of REDIS_STATES) {
        redisState.set({ state }, Number(state === figures.redis.state))
      }
      redisTrouble.reset()
      const { reason } = figures.redis
      if (reason !== undefined) redisTrouble.set({ reason }, 1)
    },
    sawDisks(disks) {
      diskFree.reset()
      diskDaysLeft.reset()
      for (const { name: disk, freeBytes, daysLeft } of disks) {
        diskFree.set({ disk }, freeBytes)
        if (daysLeft !== undefined) diskDaysLeft.set({ disk }, daysLeft)
      }
    },
    info: gauge('uzima_info', 'Always 1; its labels say what runs.', ['version', 'store']),
  }
}
