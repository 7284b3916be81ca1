import { createApp, type App } from '../../src/app.js'
import { loadConfig } from '../../src/config/load.js'
import type { Database } from '../../src/storage/database.js'

export interface LocalAppOptions {
  readonly database: Database
  /** Settings beside those of a small, quiet service without demo data. */
  readonly env: Readonly<Record<string, string>>
  /** Whether the module-level functions talk to it. Default false. */
  readonly bind?: boolean | undefined
  /** Told each log line; their level is `LOG_LEVEL`. */
  readonly onLine?: ((line: string) => void) | undefined
}

/** Starts the whole service in this process, on a free port of loopback; it closes the database with itself. */
export const startLocalApp = ({
  database,
  env,
  bind = false,
  onLine,
}: LocalAppOptions): Promise<App> =>
  createApp(
    loadConfig({
      NODE_ENV: 'test',
      PORT: '0',
      LOG_LEVEL: 'fatal',
      DEMO_DATA: 'false',
      ADMIN_PASSWORD: 'a password for tests',
      // Most tests count what comes, and this comes by the clock.
      DIGEST_EVERY_MS: '0',
      ...env,
    }),
    {
      database,
      bind,
      ...(onLine === undefined ? {} : { logTo: { write: onLine } }),
      onFatal: (error) => {
        throw error
      },
    },
  )
