import {
  checkStock,
  differenceLine,
  mendStock,
  rescheduleExpiries,
} from '../inventory/check-stock.js'
import { settleTimeZone } from '../inventory/time-zone.js'
import { writeDue } from '../log/due.js'
import type { Logger } from '../observability/logger.js'
import { INSUFFICIENT_PRIVILEGE, sqlState, type Database } from '../storage/database.js'

/**
 * Makes what the database says of the stock true before anybody reads it: settles the time zone, mends what came in past
 * the triggers, and writes what has expired while nothing ran.
 */
export const prepareStock = async (
  database: Database,
  { timeZone, logger }: { readonly timeZone: string | undefined; readonly logger: Logger },
): Promise<void> => {
  const { zone, before } = await settleTimeZone(database, timeZone)
  if (before !== undefined) logger.warn({ zone, before }, 'Days end in another time zone now')
  await rescheduleExpiries(database)
  await mend(database, logger)
  const written = await writeDue(database)
  if (written > 0) logger.info({ written }, 'Wrote what was due')
}

/** A role that may not mend serves all the same: whoever owns the database is told to do it. */
const mend = async (database: Database, logger: Logger): Promise<void> => {
  try {
    for (const difference of await mendStock(database)) {
      logger.warn(difference, `Mended: ${differenceLine(difference)}`)
    }
  } catch (error) {
    if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error
    for (const difference of await checkStock(database)) {
      logger.error(difference, `Run uzima doctor as the owner: ${differenceLine(difference)}`)
    }
  }
}
