import { access, constants, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config/schema.js'
import { explainFolderError } from '../../config/start-errors.js'
import { FEW_DAYS, forecastDisk, type DiskForecast } from '../../storage/disk/forecast.js'
import { readDiskHistory } from '../../storage/disk/history.js'
import { existing, measureDisks, type Disk } from '../../storage/disk/measure.js'
import { inspectFolder } from '../../storage/embedded/inspect-folder.js'
import { KEEP_FREE_BYTES } from '../../storage/free-space.js'
import { readRunningServer } from '../../storage/running-server.js'
import { fail, ok, sizeOf, warn, type Finding } from './finding.js'

/** Below it a disk is to be looked at, though all works. */
const LITTLE_BYTES = 1_073_741_824
const YEAR_DAYS = 365
const FOLDERS = { data: 'DATA_DIR', copies: 'BACKUP_DIR' } as const

/** The disks of DATA_DIR and BACKUP_DIR: whether the first can be written, what is free, and for how long. */
export const checkDisk = async (config: Config): Promise<Finding[]> => {
  const folder = await existing(config.dataDir)
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw explainFolderError(error, config.dataDir)
  })
  const disks = await measureDisks(config)
  if (!disks.some(({ name }) => name === 'data')) {
    return [ok('disk', 'the file system of DATA_DIR does not tell how much is free')]
  }
  const history = await readDiskHistory(config.dataDir)
  const at = Date.now()
  return disks.map((disk) =>
    judge(disk, forecastDisk([...history[disk.name], { at, ...disk }], at), config),
  )
}

const judge = (
  { name, free, spare }: Disk,
  forecast: DiskForecast | undefined,
  { backupKeep, databaseUrl }: Config,
): Finding => {
  const holdsData = name === 'data' && databaseUrl === undefined
  const told = `${sizeOf(free)} free on the disk of ${FOLDERS[name]}`
  if (holdsData && free < KEEP_FREE_BYTES) {
    return fail(
      'disk',
      `DATA_DIR: ${told}, and below ${sizeOf(KEEP_FREE_BYTES)} nothing is written. Free some space, or move DATA_DIR to another disk.`,
    )
  }
  const little = holdsData ? LITTLE_BYTES : KEEP_FREE_BYTES
  if (free < little || (forecast?.daysLeft ?? Infinity) < FEW_DAYS) {
    return warn('disk', `${told}${growthOf(forecast)}. Free some space before that.`)
  }
  if (spare < KEEP_FREE_BYTES) {
    return warn(
      'disk',
      `${told}${growthOf(forecast)}, too little for ${backupKeep.toString()} copies. Free some space, or set BACKUP_KEEP lower.`,
    )
  }
  const unknown =
    forecast === undefined
      ? '; when it is full is known after two days, from what a running server measures'
      : ''
  const elsewhere =
    databaseUrl === undefined ? '' : '; that of PostgreSQL is to be watched where it is'
  return ok('disk', `${told}${growthOf(forecast)}${unknown}${elsewhere}`)
}

const growthOf = (forecast: DiskForecast | undefined): string => {
  if (forecast === undefined) return ''
  const { lostPerDay, daysLeft } = forecast
  if (daysLeft > YEAR_DAYS) return '; it does not fill within a year'
  return `; it loses ${sizeOf(lostPerDay)} a day, so that it is full in ${Math.floor(daysLeft).toString()} days`
}

/** The embedded database where no server has it: whether its files are whole. It is not opened, which would write. */
export const checkEmbedded = async (config: Config): Promise<Finding[]> => {
  if (config.databaseUrl !== undefined) return []
  if ((await readRunningServer(config.dataDir)) !== undefined) {
    return [ok('database', 'embedded, in use by the server')]
  }
  const folder = join(config.dataDir, 'pglite')
  const names = await readdir(folder).catch(() => [])
  if (names.length === 0) return [ok('database', 'embedded; the first start makes it')]
  await inspectFolder(folder)
  return [
    ok('database', `embedded, in ${folder}, its files are whole; a start reads schema and log`),
  ]
}
