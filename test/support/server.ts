import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProgram, type Program } from './program.js'

/** The built server as a child process, on a free port of loopback. */
export interface RunningServer extends Program {
  readonly url: string
  /** Folder of its embedded database. */
  readonly dataDir: string
  readonly adminPassword: string
  /** Logs in over REST as the first administrator, and resolves to the access token. */
  readonly login: () => Promise<string>
  /** Calls the REST API with `token`; rejects where the answer is an error. */
  readonly api: (token: string, method: string, path: string, body?: unknown) => Promise<unknown>
}

export interface ServerOptions {
  /** Settings beside those that make a small, quiet server without demo data. */
  readonly env?: Readonly<Record<string, string>>
  /** Folder of the embedded database, kept by the caller; default a new one that ends with the server. */
  readonly dataDir?: string
  /** What is started; default `dist/main.js`. */
  readonly main?: string
}

/** Starts `dist/main.js` and waits until it listens. `npm test` has built it; else run `npx tsc -b` first. */
export const startServer = async (options: ServerOptions = {}): Promise<RunningServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-server-'))
  const dataDir = options.dataDir ?? folder
  const adminPassword = randomBytes(12).toString('base64url')
  const program = await startProgram([options.main ?? 'dist/main.js'], {
    folder,
    env: {
      NODE_ENV: 'development',
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      DEMO_DATA: 'false',
      ADMIN_PASSWORD: adminPassword,
      LOG_LEVEL: 'warn',
      // Everything comes from one address here.
      AUTH_FAILURES_PER_MINUTE: '1000000',
      ...options.env,
    },
  })
  const [, url = ''] = await program
    .says(/Uzima Realtime is at (\S+)/)
    .catch(async (error: unknown) => {
      await program.kill9()
      throw error
    })

  const request = async (
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  return {
    ...program,
    url,
    dataDir,
    adminPassword,
    login: async () => {
      const body = { username: 'admin', password: adminPassword }
      const answer = await request('POST', '/api/auth/login', body, {})
      return (answer as { accessToken: string }).accessToken
    },
    api: (token, method, path, body) =>
      request(method, path, body, { authorization: `Bearer ${token}` }),
  }
}
