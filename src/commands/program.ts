import { Command, CommanderError, Option } from 'commander'
import { auditCommand } from './audit.js'
import { backupCommand, restoreCommand } from './backup.js'
import { completionCommand } from './completion.js'
import { connectionsCommand } from './connections.js'
import { demoCommand } from './demo.js'
import { breakGlassCommand, reviewCommand, reviewsCommand } from './break-glass.js'
import { disconnectCommand } from './disconnect.js'
import { doctorCommand } from './doctor.js'
import { explainCommand } from './explain.js'
import { exportCommand } from './export.js'
import { failureOf, type Failure } from './failure.js'
import { grantCommand } from './grant.js'
import { httpsCommand } from './https.js'
import { listenCommand } from './listen.js'
import { logCommand } from './log.js'
import { migrateCommand } from './migrate.js'
import { moveCommand } from './move.js'
import { revocationCommand } from './revocation.js'
import { revokeCommand } from './revoke.js'
import { sendCommand } from './send.js'
import { serveCommand } from './serve.js'
import { stockCommand } from './stock.js'
import { tokenCommand } from './token.js'
import { topCommand } from './top.js'
import { updateCommand } from './update.js'
import { userCommand } from './user.js'

/** Exit codes of every command; `uzima serve` alone has 3, after a third signal. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const

const HELP_WIDTH = 100
/** What they write is no result: the log of a server, a script for a shell. */
const WITHOUT_JSON = new Set(['serve', 'completion'])

/** The command line as a tree, from which help, completion and docs/command-line.md are made. */
export const createProgram = (serve: () => Promise<unknown>): Command => {
  const program = new Command('uzima')
    .description('Authenticated, ordered, live stock events for clinics')
    .addCommand(serveCommand(serve))
    .addCommand(migrateCommand())
    .addCommand(doctorCommand())
    .addCommand(topCommand())
    .addCommand(connectionsCommand())
    .addCommand(disconnectCommand())
    .addCommand(userCommand())
    .addCommand(grantCommand())
    .addCommand(breakGlassCommand())
    .addCommand(reviewsCommand())
    .addCommand(reviewCommand())
    .addCommand(revokeCommand())
    .addCommand(revocationCommand())
    .addCommand(tokenCommand())
    .addCommand(auditCommand())
    .addCommand(explainCommand())
    .addCommand(logCommand())
    .addCommand(stockCommand())
    .addCommand(exportCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(moveCommand())
    .addCommand(updateCommand())
    .addCommand(httpsCommand())
    .addCommand(listenCommand())
    .addCommand(sendCommand())
    .addCommand(demoCommand())
  program.addCommand(completionCommand(program))
  forAll(program, (command) => {
    command.configureHelp({ helpWidth: HELP_WIDTH })
    if (command.commands.length > 0 || WITHOUT_JSON.has(command.name())) return
    if (command.options.some(({ long }) => long === '--json')) return
    command.addOption(new Option('--json', 'one JSON document; errors as JSON on standard error'))
  })
  return program
}

/**
 * Runs one command of `uzima` and resolves to the exit code: 0, 1 for a failure, 2 for wrong usage.
 *
 * @param serve what `uzima serve` does
 */
export const runProgram = async (
  argv: readonly string[],
  serve: () => Promise<unknown>,
): Promise<number> => {
  const isJson = argv.includes('--json')
  const program = createProgram(serve)
  forAll(program, (command) => {
    command.exitOverride()
    if (isJson) command.configureOutput({ writeErr: ignore })
    else command.showHelpAfterError('(--help shows what there is)')
  })
  const fail = (failure: Failure): void => {
    const line = isJson ? JSON.stringify({ error: failure }) : `error: ${failure.message}`
    process.stderr.write(`${line}\n`)
  }
  try {
    await program.parseAsync(argv)
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      fail(failureOf(error))
      return EXIT.failure
    }
    if (error.exitCode === EXIT.ok) return EXIT.ok
    // Commander has said it already, but to programs.
    if (isJson) fail({ code: 'USAGE', message: error.message.replace(/^error: /, '') })
    return EXIT.usage
  }
}

const forAll = (command: Command, work: (command: Command) => void): void => {
  work(command)
  for (const child of command.commands) forAll(child, work)
}

const ignore = (): void => {
  // Told as JSON.
}
