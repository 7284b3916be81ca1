import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.js'
import { SETTINGS } from '../../src/config/schema.js'

const NAMES: readonly string[] = Object.values(SETTINGS).map(({ variable }) => variable)

/** What the start says to the environment; empty where it is accepted. */
const complaint = (env: NodeJS.ProcessEnv): string => {
  try {
    loadConfig(env)
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ_'.split('')

/** A setting's name with one slip of the finger in it, and the name that was meant. */
const slip = fc
  .record({
    name: fc.constantFrom(...NAMES),
    at: fc.nat(),
    kind: fc.constantFrom('swap', 'drop', 'double', 'replace'),
    letter: fc.constantFrom(...LETTERS),
  })
  .map(({ name, at, kind, letter }) => {
    const index = at % name.length
    const [before, it, after] = [name.slice(0, index), name.charAt(index), name.slice(index + 1)]
    const typed = {
      swap: `${before}${after.slice(0, 1)}${it}${after.slice(1)}`,
      drop: `${before}${after}`,
      double: `${before}${it}${it}${after}`,
      replace: `${before}${letter}${after}`,
    }[kind]
    return { name, typed }
  })
  .filter(({ typed }) => !NAMES.includes(typed))

const ORDINARY = [
  ...['HOME', 'HOSTNAME', 'HOSTTYPE', 'PWD', 'OLDPWD', 'PATH', 'SHELL', 'SHLVL', 'USER', 'TERM'],
  ...['LOGNAME', 'LANG', 'LC_ALL', 'LC_NAME', 'MAIL', 'EDITOR', 'PAGER', 'DISPLAY', 'TZ', '_'],
  ...['XDG_DATA_DIRS', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR', 'TMPDIR', 'SSH_AUTH_SOCK', 'MACHTYPE'],
  ...['NODE_PATH', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_DEBUG', 'NODE_VERSION', 'NODE'],
  ...['npm_config_port', 'npm_config_loglevel', 'npm_package_version', 'npm_execpath', 'INIT_CWD'],
  ...['PGHOST', 'PGPORT', 'PGUSER', 'PGDATA', 'PGPASSWORD', 'PGDATABASE', 'POSTGRES_PASSWORD'],
  ...['VHOST', 'CHOST', 'SMTP_HOST', 'SMTP_PORT', 'HOSTS', 'PORTS', 'EXPORT', 'GHOST', 'PROD'],
  ...['REDIS_PORT', 'REDIS_HOST', 'REDIS_TLS_URL', 'REDIS_SERVICE_HOST', 'UZIMA_PORT', 'BASE_URL'],
  ...['DATABASE_PORT', 'DATABASE_HOST', 'DATABASE_USER', 'DATABASE_NAME', 'TEST_DATABASE_URL'],
  ...['TEST_REDIS_URL', 'CLIENT_ID', 'CLIENT_SECRET', 'AWS_SECRET', 'AWS_REGION', 'ADMIN_EMAIL'],
  ...['KUBERNETES_PORT', 'KUBERNETES_SERVICE_HOST', 'CI', 'GITHUB_TOKEN', 'GITHUB_ENV', 'NO_COLOR'],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'http_proxy',
    'no_proxy',
    'DEBUG',
    'NODE_NO_WARNINGS',
  ],
]

describe('a mistyped setting', () => {
  it('is named, with the likely one and without its value', () => {
    const message = complaint({ JWT_SECERT: 'correct-horse-battery-staple-correct' })
    expect(message).toContain('JWT_SECERT: is not a setting, JWT_SECRET is.')
    expect(message).not.toContain('staple')
  })

  it('is named whatever letter is swapped, dropped, doubled or replaced', () => {
    fc.assert(
      fc.property(slip, ({ name, typed }) => {
        const [, likely = ''] =
          new RegExp(`${typed}: is not a setting, (.*) is\\.`).exec(complaint({ [typed]: 'x' })) ??
          []
        // `POST` may be either.
        expect(likely.split(' or ')).toContain(name)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['CLIENT_URLS', 'CLIENT_URL'],
    ['TRANSPORT', 'TRANSPORTS'],
    ['REDIS_URI', 'REDIS_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['AUTHFAILURESPERMINUTE', 'AUTH_FAILURES_PER_MINUTE'],
    ['MAX_CONNECTION_PER_USERS', 'MAX_CONNECTIONS_PER_USER'],
    ['jwt_secret', 'JWT_SECRET'],
  ])('is named where it was remembered wrongly: %s', (typed, name) => {
    expect(complaint({ [typed]: 'x' })).toContain(`${typed}: is not a setting, ${name} is.`)
  })

  it('is named beside every other mistake, in one message', () => {
    const message = complaint({ NODE_ENV: 'production', JWT_SECERT: 'x', PORT: 'x' })
    expect(message).toMatch(/PORT: .*\n.*JWT_SECRET: is missing.*\n.*JWT_SECERT: is not a setting/)
  })
})

describe('a variable of another program', () => {
  it.each(ORDINARY)('is none of our business: %s', (name) => {
    expect(complaint({ [name]: 'x' })).toBe('')
  })

  it('may look like a setting that is set, or be empty', () => {
    expect(complaint({ REDIS_URI: 'x', REDIS_URL: 'redis://localhost', JWT_SECERT: '' })).toBe('')
  })

  it('is left alone in the environment of this very run', () => {
    expect(complaint({ ...process.env, NODE_ENV: 'test' })).toBe('')
  })
})
