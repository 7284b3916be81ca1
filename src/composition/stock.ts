import { createAlertCounts } from '../inventory/alert-counts.js'
import { createAlerts, type Alerts } from '../inventory/alerts.js'
import { settleAlertSettings, type AlertSettings } from '../inventory/alert-settings.js'
import {
  checkStock,
  differenceLine,
  mendStock,
  rescheduleExpiries,
} from '../inventory/check-stock.js'
import { settleTimeZone } from '../inventory/time-zone.js'
import { audiencesOf } from '../log/audience.js'
import { writeDue } from '../log/due.js'
import type { Logger } from '../observability/logger.js'
import { INSUFFICIENT_PRIVILEGE, sqlState, type Database } from '../storage/database.js'
import type { Base } from './base.js'

/**
 * Makes what the database says of the stock true before anybody reads it: settles the time zone and what alerts go by, mends what came in past
 * the triggers, and writes what has expired while nothing ran.
 */
export const prepareStock = async (
  database: Database,
  {
    timeZone,
    logger,
    ...alerts
  }: AlertSettings & { readonly timeZone: string | undefined; readonly logger: Logger },
): Promise<void> => {
  const { zone, before } = await settleTimeZone(database, timeZone)
  if (before !== undefined) logger.warn({ zone, before }, 'Days end in another time zone now')
  const alertsBefore = await settleAlertSettings(database, alerts)
  if (alertsBefore !== undefined) {
    logger.warn({ ...alerts, before: alertsBefore }, 'Alerts go by other settings now')
  }
  await rescheduleExpiries(database)
  await mend(database, logger)
  const written = await writeDue(database)
  if (written > 0) logger.info({ written }, 'Wrote what was due')
}

/** Alerts as the roles of this service's feeds may see them; how many there are is a metric. */
export const openAlerts = ({ config, metrics }: Base, database: Database): Alerts => {
  const count = createAlertCounts(database)
  metrics.beforeScrape(async () => {
    metrics.alerts.reset()
    try {
      for (const { count: alerts, ...labels } of await count()) metrics.alerts.set(labels, alerts)
    } catch {
      // A database that does not answer has a metric of its own; how many alerts it holds is not known then.
    }
  })
  return createAlerts(database, (roles) => audiencesOf(roles, config))
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
      logger.error(difference, `Run uzima stock mend as the owner: ${differenceLine(difference)}`)
    }
  }
}
