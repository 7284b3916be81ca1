import { Command, CommanderError } from 'commander'
import { AppError } from '../errors/app-error.js'
import { redactLine } from '../observability/redact.js'
import { auditCommand } from './audit.js'
import { backupCommand, restoreCommand } from './backup.js'
import { demoCommand } from './demo.js'
import { doctorCommand } from './doctor.js'
import { listenCommand } from './listen.js'
import { migrateCommand } from './migrate.js'
import { moveCommand } from './move.js'
import { revocationCommand } from './revocation.js'
import { sendCommand } from './send.js'
import { serveCommand } from './serve.js'
import { tokenCommand } from './token.js'
import { userCommand } from './user.js'

const EXIT = { ok: 0, failure: 1, usage: 2 } as const

/**
 * Runs one command of `uzima` and resolves to the exit code: 0, 1 for a failure, 2 for wrong usage.
 *
 * @param serve what `uzima serve` does
 */
export const runProgram = async (
  argv: readonly string[],
  serve: () => Promise<unknown>,
): Promise<number> => {
  const program = new Command('uzima')
    .description('Authenticated, ordered, live stock events for clinics')
    .showHelpAfterError('(--help shows what there is)')
    .addCommand(serveCommand(serve))
    .addCommand(migrateCommand())
    .addCommand(userCommand())
    .addCommand(tokenCommand())
    .addCommand(listenCommand())
    .addCommand(sendCommand())
    .addCommand(auditCommand())
    .addCommand(revocationCommand())
    .addCommand(doctorCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(moveCommand())
    .addCommand(demoCommand())
  throwInsteadOfExit(program)
  try {
    await program.parseAsync(argv)
    return EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOf(error)
    process.stderr.write(`error: ${redactLine(sentence(error))}\n`)
    return EXIT.failure
  }
}

const throwInsteadOfExit = (command: Command): void => {
  command.exitOverride()
  command.commands.forEach(throwInsteadOfExit)
}

/** `commander.error` is a failure that a command reported; all other codes are about what was typed. */
const exitCodeOf = ({ exitCode, code }: CommanderError): number => {
  if (exitCode === EXIT.ok) return EXIT.ok
  return code === 'commander.error' ? exitCode : EXIT.usage
}

const sentence = (error: unknown): string => {
  if (error instanceof AppError) return error.detail ?? error.message
  return error instanceof Error ? error.message : String(error)
}
