import { ROLES } from '@uzima/contracts'
import { duration, everyoneOr, listOf, oneOf, wholeNumber } from './parsers.js'
import type { Setting } from './setting.js'

/** Who hears of stock, and when somebody has to act; part of SETTINGS. */
export const STOCK_SETTINGS = {
  inventoryUpdateRoles: {
    variable: 'INVENTORY_UPDATE_ROLES',
    parse: everyoneOr(listOf(oneOf(ROLES))),
    default: '*',
    example: 'admin,inventory_manager,pharmacist',
    refuseEmpty: true,
    meaning: 'Left out, every connected user receives inventory:update.',
  },
  lowStockRoles: {
    variable: 'LOW_STOCK_ROLES',
    parse: everyoneOr(listOf(oneOf(ROLES))),
    default: '*',
    example: 'admin,inventory_manager',
    refuseEmpty: true,
    meaning: 'Left out, every connected user receives inventory:lowStock.',
  },
  alertExpiringWithinDays: {
    variable: 'ALERT_EXPIRING_WITHIN_DAYS',
    parse: wholeNumber(0, 3_650),
    default: '90',
    example: '60',
    unit: 'days',
    meaning:
      'Left out, a lot that still holds something raises an alert 90 days before its last day. The node that started last decides for the whole cluster.',
  },
  alertEscalateAfterMs: {
    variable: 'ALERT_ESCALATE_AFTER',
    parse: duration('1s', '36600d'),
    default: '30m',
    example: '15m',
    unit: 'duration',
    meaning:
      'Left out, an alert that nobody has acknowledged goes to ALERT_ESCALATE_TO as well after 30 minutes. The node that started last decides for the whole cluster.',
  },
  alertEscalateTo: {
    variable: 'ALERT_ESCALATE_TO',
    parse: listOf(oneOf(ROLES)),
    default: 'inventory_manager,admin',
    example: 'admin',
    refuseEmpty: true,
    meaning:
      'Left out, alerts that nobody has acknowledged in time go to inventory managers and administrators, too.',
  },
} as const satisfies Record<string, Setting>
