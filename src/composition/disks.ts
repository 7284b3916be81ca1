import { FEW_DAYS, forecastDisk } from '../storage/disk/forecast.js'
import {
  addToHistory,
  readDiskHistory,
  writeDiskHistory,
  type DiskHistory,
} from '../storage/disk/history.js'
import { measureDisks } from '../storage/disk/measure.js'
import type { Base } from './base.js'
import { repeat } from './repeat.js'

const LOOK_EVERY_MS = 10 * 60_000
const LOOKS_PER_DAY = 144

/**
 * Measures the disks of DATA_DIR and BACKUP_DIR at once and every ten minutes, remembers one measurement of each hour in
 * DATA_DIR over a restart, and tells in the log, once a day, and in the metrics, when a disk will be full. Where DATA_DIR is
 * missing or cannot be written, as it may be beside PostgreSQL, what it remembers ends with the process.
 */
export const watchDisks = ({ config, logger, metrics, releases }: Base): void => {
  const { dataDir } = config
  let history: DiskHistory | undefined
  let looks = 0
  const warnedAt = new Map<string, number>()

  const look = async (): Promise<void> => {
    looks += 1
    const disks = await measureDisks(config)
    const now = Date.now()
    const known = history ?? (await readDiskHistory(dataDir))
    history = addToHistory(known, disks, now)
    const figures = disks.map((disk) => ({
      name: disk.name,
      freeBytes: disk.free,
      daysLeft: forecastDisk([...known[disk.name], { at: now, ...disk }], now)?.daysLeft,
    }))
    metrics.sawDisks(figures)
    for (const { name: disk, freeBytes, daysLeft = Infinity } of figures) {
      const isTold = looks - (warnedAt.get(disk) ?? -Infinity) < LOOKS_PER_DAY
      if (isTold || daysLeft >= FEW_DAYS) continue
      warnedAt.set(disk, looks)
      logger.warn(
        { disk, freeBytes, daysLeft: Math.floor(daysLeft) },
        'A disk fills up: make room before nothing more can be written. uzima doctor says more',
      )
    }
    if (history === known) return
    await writeDiskHistory(dataDir, history).catch((error: unknown) => {
      logger.debug({ err: error }, 'What the disks had free could not be kept for the next start')
    })
  }

  const rhythm = repeat(look, LOOK_EVERY_MS)
  rhythm.now()
  releases.add('disks', rhythm.stop)
}
