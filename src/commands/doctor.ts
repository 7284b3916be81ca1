import { Command } from 'commander'
import { loadConfig } from '../config/load.js'
import {
  checkStock,
  differenceLine,
  mendStock,
  type StockDifference,
} from '../inventory/check-stock.js'
import { writeDue } from '../log/due.js'
import { printableLine } from '../observability/printable.js'
import { expectedTriggers, findDeadTrigger } from '../storage/triggers.js'
import { withDatabase } from './with-database.js'

/** `uzima doctor`: whether all triggers fire, and whether totals, alerts, history and expiries are what the lots say. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('compare totals, alerts and expiries with the lots, and mend what differs')
    .option('--check', 'only tell; exit code 1 where something differs')
    .action(async ({ check = false }: { readonly check?: boolean }) => {
      const found = await withDatabase(loadConfig(), async (database) => {
        const dead = await findDeadTrigger(database, await expectedTriggers())
        if (dead !== undefined) throw new Error(dead)
        if (check) return checkStock(database)
        const mended = await mendStock(database)
        await writeDue(database)
        return mended
      })
      for (const difference of found) console.log(printableLine(differenceLine(difference)))
      if (found.length === 0) console.log('Totals, alerts and expiries are what the lots say.')
      else if (check) throw new Error(`${count(found)}; uzima doctor without --check mends them.`)
      else console.log(`Mended ${count(found)}.`)
    })

const count = ({ length }: readonly StockDifference[]): string =>
  `${length.toString()} difference${length === 1 ? '' : 's'}`
