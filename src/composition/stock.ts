import { differenceLine, mendStock, rescheduleExpiries } from '../inventory/check-stock.js'
import { settleTimeZone } from '../inventory/time-zone.js'
import { writeDue } from '../log/due.js'
import type { Logger } from '../observability/logger.js'
import type { Database } from '../storage/database.js'

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
  for (const difference of await mendStock(database)) {
    logger.warn(difference, `Mended: ${differenceLine(difference)}`)
  }
  const written = await writeDue(database)
  if (written > 0) logger.info({ written }, 'Wrote what was due')
}
