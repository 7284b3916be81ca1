import { ROLES } from '@uzima/contracts'
import { listOf, oneOf } from './parsers.js'
import type { Setting } from './setting.js'

/** Who may do more than his role says; part of SETTINGS. */
export const ACCESS_SETTINGS = {
  breakGlassRoles: {
    variable: 'BREAK_GLASS_ROLES',
    parse: listOf(oneOf(ROLES)),
    example: 'doctor,pharmacist',
    meaning:
      'Left out, nobody may take a role in an emergency; whom it names may, for at most an hour, by giving a reason.',
  },
} as const satisfies Record<string, Setting>
