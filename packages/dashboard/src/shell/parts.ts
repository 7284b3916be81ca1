import { adminPart } from '../admin/part.js'
import { alertsPart } from '../alerts/part.js'
import { countPart } from '../count/part.js'
import { emergencyPart } from '../emergency/part.js'
import { itemPart } from '../item/part.js'
import { movementsPart } from '../movements/part.js'
import { offlinePart } from '../offline/part.js'
import { scanPart } from '../scan/part.js'
import { stockPart } from '../stock/part.js'
import { tabletPart } from '../tablet/part.js'
import type { Part } from './part.js'

/** All that the page is made of, in the order of its navigation. A part adds its views in its own folder. */
export const PARTS: readonly Part[] = [
  // First: its guard is around all the others', and the lock takes out what each of them shows.
  tabletPart,
  stockPart,
  itemPart,
  movementsPart,
  countPart,
  scanPart,
  alertsPart,
  offlinePart,
  emergencyPart,
  adminPart,
]
