import { duration, folder, wholeNumber } from './parsers.js'
import type { Setting } from './setting.js'

/** Copies of the embedded database that the server keeps by itself; part of SETTINGS. */
export const BACKUP_SETTINGS = {
  backupDir: {
    variable: 'BACKUP_DIR',
    parse: folder,
    example: '/media/usb/uzima-copies',
    meaning:
      'Left out, no copies of the embedded database are kept. Set, the server keeps them in this folder, which no other server may have; refused with DATABASE_URL.',
  },
  backupEveryMs: {
    variable: 'BACKUP_EVERY',
    parse: duration('1s', '366d'),
    default: '24h',
    example: '12h',
    unit: 'duration',
    meaning: 'Left out, a new copy is made in BACKUP_DIR when the newest is 24 hours old.',
  },
  backupKeep: {
    variable: 'BACKUP_KEEP',
    parse: wholeNumber(1, 10_000),
    default: '14',
    example: '30',
    unit: 'copies',
    meaning: 'Left out, the 14 newest copies stay; older ones are removed when a new one is whole.',
  },
} as const satisfies Record<string, Setting>
