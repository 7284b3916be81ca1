import { KeyError } from '../auth/keys.js'
import { ConfigError } from '../config/load.js'
import { StartError } from '../config/start-errors.js'
import { AppError } from '../errors/app-error.js'
import { redactLine } from '../observability/redact.js'
import { DataFolderError } from '../storage/embedded/inspect-folder.js'
import { FolderInUseError } from '../storage/folder-lock.js'
import { MigrationError } from '../storage/migrate.js'
import { CommandError } from './command-error.js'

/** What a failed command says: a code for programs and a sentence for people. */
export interface Failure {
  readonly code: string
  readonly message: string
}

/** Codes of the command line's own; those of the service, in docs/errors.md, come through as they are. */
export const FAILURE_CODES = {
  USAGE: 'the command was not understood; exit code 2',
  CONFIG_INVALID: 'a setting of the environment has a value that cannot be used',
  CANNOT_START: 'the database, the data folder or a key cannot be used as it is set',
  FOLDER_IN_USE: 'a running server has the embedded database, and this command needs it itself',
  NO_DATABASE: 'there is no embedded database in DATA_DIR',
  DATABASE_IS_POSTGRES: 'the command is for the embedded database, and DATABASE_URL names another',
  SCHEMA: 'the schema of the database is not the one of this program',
  NO_INSTALLATION: 'the folder is none that deploy/clinic/install.sh has made',
  NOT_UPDATED:
    'the version that ran before runs, or nothing starts the service; the message says why',
  NO_ACCESS: 'it is not known which server to ask, or as whom',
  NO_ANSWER: 'the server does not answer, or something else answers at its address',
  CHECK_FAILED: 'the command did its work and found something wrong',
  FAILED: 'anything else; the message says what',
} as const

const CLASSES: readonly (readonly [new (message: string) => Error, keyof typeof FAILURE_CODES])[] =
  [
    [ConfigError, 'CONFIG_INVALID'],
    [StartError, 'CANNOT_START'],
    [KeyError, 'CANNOT_START'],
    [DataFolderError, 'CANNOT_START'],
    [FolderInUseError, 'FOLDER_IN_USE'],
    [MigrationError, 'SCHEMA'],
  ]

/** Names whatever a command threw; nothing in it looks like a token or a password. */
export const failureOf = (error: unknown): Failure => ({
  code: codeOf(error),
  message: redactLine(sentenceOf(error)),
})

const codeOf = (error: unknown): string => {
  if (error instanceof CommandError || error instanceof AppError) return error.code
  return CLASSES.find(([type]) => error instanceof type)?.[1] ?? 'FAILED'
}

const sentenceOf = (error: unknown): string => {
  if (error instanceof AppError) return error.detail ?? error.message
  return error instanceof Error ? error.message : String(error)
}
