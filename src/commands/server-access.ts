import { loginResultSchema } from '@uzima/contracts'
import { InvalidArgumentError, type Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/schema.js'
import { findFirstAdmin } from '../users/administrators.js'
import { CommandError } from './command-error.js'
import { ask, askSecret } from './prompt.js'
import { createRest } from './rest.js'
import { readRunningServer, type RunningServer } from '../storage/running-server.js'
import { createSigner } from './signer.js'
import { withAnyDatabase } from './with-database.js'

/** A server to talk to, and as whom. */
export interface ServerAccess {
  readonly url: string
  /** A token that is valid now; asked before each connection or request. */
  readonly getToken: () => Promise<string>
}

export interface AccessFlags {
  readonly url?: string
  readonly tokenFile?: string
  readonly username?: string
  readonly passwordFile?: string
}

/**
 * Adds --url, --token-file, --username and --password-file; all can be left out next to a running server. No secret is an
 * argument: others on the machine can read those.
 */
export const withAccessFlags = (command: Command): Command =>
  command
    .option('--url <url>', 'address of the server (default: UZIMA_URL, or the one here)', parseUrl)
    .option('--token-file <file>', 'an access token to act with (default: UZIMA_TOKEN)')
    .option('--username <name>', 'log in with this name; asks for the password')
    .option('--password-file <file>', 'its password, instead of being asked')

/**
 * Finds the server and a way to authenticate: what flags and settings say, else as administrator by a token signed here,
 * for whoever may read the key and the database. Throws a `CommandError` that says what to give where neither works.
 */
export const findAccess = async (
  flags: AccessFlags,
  config: Config = loadConfig(),
): Promise<ServerAccess> => {
  const running = await readRunningServer(config.dataDir)
  const named = flags.url ?? config.commandUrl
  const url = named ?? running?.url ?? `http://localhost:${config.port.toString()}`
  const { tokenFile, username, passwordFile } = flags
  // Read each time: whoever renews tokens may have replaced it.
  if (tokenFile !== undefined) return { url, getToken: () => readSecretFile(tokenFile) }
  if (username !== undefined) return { url, getToken: await byLogin(url, username, passwordFile) }
  const { commandToken } = config
  if (commandToken !== undefined) return { url, getToken: () => Promise.resolve(commandToken) }

  const adminId = isOurs(url, running) ? (running?.adminId ?? (await findAdmin(config))) : undefined
  if (adminId !== undefined) {
    const sign = await createSigner(config)
    return { url, getToken: () => Promise.resolve(sign({ userId: adminId }).token) }
  }
  if (named === undefined) {
    throw new CommandError('NO_ACCESS', running === undefined ? NO_SERVER : NO_ADMIN)
  }
  if (!process.stdin.isTTY) {
    throw new CommandError('NO_ACCESS', 'Give UZIMA_TOKEN, --token-file or --username.')
  }
  return { url, getToken: await byLogin(url, await ask('User name: '), passwordFile) }
}

/** A token signed here is an administrator's: it goes to this machine only, unless somebody hands it over. */
const isOurs = (url: string, running: RunningServer | undefined): boolean =>
  url === running?.url || LOOPBACK.test(new URL(url).hostname)

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

const NO_SERVER =
  'No server runs on this data folder. Start one with npm start, or say which with UZIMA_URL or --url, and as whom with UZIMA_TOKEN, --token-file or --username.'
const NO_ADMIN =
  'The running server had no administrator when it started, so this command cannot act through it. Give UZIMA_TOKEN, or stop the server and try again.'

const byLogin = async (
  url: string,
  username: string,
  passwordFile: string | undefined,
): Promise<() => Promise<string>> => {
  const password =
    passwordFile === undefined
      ? await askSecret(`Password of ${username}: `)
      : await readSecretFile(passwordFile)
  const rest = createRest(url)
  return async () => {
    const body = { username, password }
    return (await rest.request('POST', '/api/auth/login', loginResultSchema, body)).accessToken
  }
}

/** What a file holds, without the line end that editors add. `/dev/stdin` is a file, too. */
export const readSecretFile = async (path: string): Promise<string> => {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError('NO_ACCESS', `The file ${path} cannot be read.`, { cause: error })
  })
  return text.replace(/\r?\n$/, '')
}

/** With DATABASE_URL this machine can ask the database itself; an embedded one belongs to its server. */
const findAdmin = async (config: Config): Promise<string | undefined> => {
  if (config.databaseUrl === undefined) return undefined
  return withAnyDatabase(config, findFirstAdmin)
}

const parseUrl = (text: string): string => {
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new InvalidArgumentError('Write it as http://host:port.')
  }
  return new URL(text).origin
}
