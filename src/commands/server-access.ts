import { loginResultSchema } from '@uzima/contracts'
import { InvalidArgumentError, type Command } from 'commander'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/schema.js'
import { findFirstAdmin } from '../users/administrators.js'
import { ask, askSecret } from './prompt.js'
import { createRest } from './rest.js'
import { readRunningServer, type RunningServer } from '../storage/running-server.js'
import { createSigner } from './signer.js'
import { withDatabase } from './with-database.js'

/** A server to talk to, and as whom. */
export interface ServerAccess {
  readonly url: string
  /** A token that is valid now; asked before each connection or request. */
  readonly getToken: () => Promise<string>
}

export interface AccessFlags {
  readonly url?: string
  readonly token?: string
  readonly username?: string
  readonly password?: string
}

/** Adds --url, --token, --username and --password; all can be left out next to a running server. */
export const withAccessFlags = (command: Command): Command =>
  command
    .option('--url <url>', 'address of the server (default: the one that runs here)', parseUrl)
    .option('--token <token>', 'an access token')
    .option('--username <name>', 'log in with this name; asks for the password')
    .option('--password <password>', 'its password; others on this machine may see it')

/**
 * Finds the server and a way to authenticate: what the flags say, else as administrator by a token signed here, for
 * whoever may read the key and the database. Throws an `Error` that says what to give where neither works.
 */
export const findAccess = async (
  flags: AccessFlags,
  config: Config = loadConfig(),
): Promise<ServerAccess> => {
  const running = await readRunningServer(config.dataDir)
  const url = flags.url ?? running?.url ?? `http://localhost:${config.port.toString()}`
  const { token, username } = flags
  if (token !== undefined) return { url, getToken: () => Promise.resolve(token) }
  if (username !== undefined) return { url, getToken: await byLogin(url, username, flags.password) }

  const adminId = isOurs(url, running) ? (running?.adminId ?? (await findAdmin(config))) : undefined
  if (adminId !== undefined) {
    const sign = await createSigner(config)
    return { url, getToken: () => Promise.resolve(sign({ userId: adminId }).token) }
  }
  if (flags.url === undefined) throw new Error(NO_SERVER)
  if (!process.stdin.isTTY) throw new Error('Give --token, or --username and --password.')
  return { url, getToken: await byLogin(url, await ask('User name: '), flags.password) }
}

/** A token signed here is an administrator's: it goes to this machine only, unless somebody hands it over by --token. */
const isOurs = (url: string, running: RunningServer | undefined): boolean =>
  url === running?.url || LOOPBACK.test(new URL(url).hostname)

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

const NO_SERVER =
  'No server runs on this data folder. Start one with npm start, or say which with --url and --token or --username.'

const byLogin = async (
  url: string,
  username: string,
  given: string | undefined,
): Promise<() => Promise<string>> => {
  const password = given ?? (await askSecret(`Password of ${username}: `))
  const rest = createRest(url)
  return async () => {
    const body = { username, password }
    return (await rest.request('POST', '/api/auth/login', loginResultSchema, body)).accessToken
  }
}

/** With DATABASE_URL this machine can ask the database itself; an embedded one belongs to its server. */
const findAdmin = async (config: Config): Promise<string | undefined> => {
  if (config.databaseUrl === undefined) return undefined
  return withDatabase(config, findFirstAdmin)
}

const parseUrl = (text: string): string => {
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new InvalidArgumentError('Write it as http://host:port.')
  }
  return new URL(text).origin
}
