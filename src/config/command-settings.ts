import { httpAddress, textOf } from './parsers.js'
import type { Setting } from './setting.js'

/** For the commands that ask a running server; a part of `SETTINGS` that the server itself ignores. */
export const COMMAND_SETTINGS = {
  commandUrl: {
    variable: 'UZIMA_URL',
    parse: httpAddress,
    example: 'https://clinic.example',
    refuseEmpty: true,
    meaning:
      'For commands: left out, they ask the server that runs on DATA_DIR or on PORT of this machine, or the database itself.',
  },
  commandToken: {
    variable: 'UZIMA_TOKEN',
    parse: textOf(1),
    example: 'the output of `uzima token admin`',
    secret: true,
    refuseEmpty: true,
    meaning:
      'For commands: left out, they sign a token as administrator with the key of this machine, for a server on this machine only.',
  },
} as const satisfies Record<string, Setting>
