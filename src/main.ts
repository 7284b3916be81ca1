import { createApp, type App } from './app.js'
import { loadConfig } from './config/load.js'
import type { Config } from './config/schema.js'
import { AppError } from './errors/app-error.js'
import { removeRunningServer, writeRunningServer } from './storage/running-server.js'

/** Longest time that stopping may take before the process ends anyway; orchestrators kill after 10 s. */
const STOP_WITHIN_MS = 8_500

/** Of a server that a third signal has ended before its sockets were told. */
const FORCED_EXIT_CODE = 3

/** Between the signals of one Ctrl-C: the terminal sends it to all, and npm passes its own on. */
const SAME_PRESS_MS = 250

/**
 * Runs the server until it is told to stop. Sets the exit code of the process: 0 after SIGTERM or SIGINT, 1 where it could
 * not start or must be replaced, 3 where a third signal did not wait for the end.
 */
const serve = async (): Promise<void> => {
  let stop: (exitCode: number) => void = (exitCode) => process.exit(exitCode)
  const fail = (error: unknown): void => {
    say(messageOf(error))
    stop(1)
  }
  try {
    const config = loadConfig()
    const app = await createApp(config, { onFatal: fail, onProgress: say })
    stop = stopOnce(app, config)
    stopOnSignals(stop)
    await announce(app, config)
  } catch (error) {
    fail(error)
  }
}

/** The first one stops; a second must not end the process with most sockets untold, as it would by default; a third may. */
const stopOnSignals = (stop: (exitCode: number) => void): void => {
  let told = 0
  let last: { readonly signal: string; readonly at: number } | undefined
  const onSignal = (signal: string): void => {
    const at = performance.now()
    if (last?.signal === signal && at - last.at < SAME_PRESS_MS) return
    last = { signal, at }
    told += 1
    if (told === 1) stop(0)
    else if (told === 2) {
      say(
        'Still ending: sockets are told to come back, requests finish. A third signal ends it now.',
      )
    } else {
      say('Ended by the third signal; some sockets were not told.')
      process.exit(FORCED_EXIT_CODE)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, onSignal)
}

const announce = async (app: App, config: Config): Promise<void> => {
  if (config.databaseUrl === undefined) {
    await writeRunningServer(config.dataDir, {
      pid: process.pid,
      url: app.url,
      adminId: app.adminId,
    })
  }
  say(`Uzima Realtime is at ${app.url}`)
  if (app.httpsPort !== undefined) {
    say(`HTTPS is on port ${app.httpsPort.toString()}; uzima https tells the addresses`)
  }
  if (app.credentials.length === 0) return
  say('Accounts made now; these passwords are not shown again:')
  for (const { username, role, password } of app.credentials) {
    say(`  ${role.padEnd(18)} ${username.padEnd(18)} ${password}`)
  }
}

const stopOnce = (app: App, config: Config): ((exitCode: number) => void) => {
  let stopping = false
  return (exitCode) => {
    if (stopping) return
    stopping = true
    // What cannot be stopped (a database that stands still) neither keeps the process nor makes its end a failure.
    setTimeout(() => {
      say('Stopped without an answer of the database or a client.')
      process.exit(exitCode)
    }, STOP_WITHIN_MS).unref()
    app
      .close()
      .then(() => removeRunningServer(config.dataDir))
      .then(
        () => process.exit(exitCode),
        (error: unknown) => {
          say(messageOf(error))
          process.exit(exitCode)
        },
      )
  }
}

/** For the person at the terminal; deliberately not through the logger, which would keep passwords. */
const say = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`)
}

const messageOf = (error: unknown): string => {
  if (error instanceof AppError) return error.detail ?? error.message
  return error instanceof Error ? error.message : String(error)
}

await serve()
