import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/observability/logger.js'
import { redactLine } from '../../src/observability/redact.js'
import { expectWithin } from '../support/long.js'

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const input = `${encode({ alg: 'HS256' })}.${encode({ id: 'user-1' })}`
const signature = createHmac('sha256', 'key').update(input).digest('base64url')
const token = `${input}.${signature}`

const createRecorder = (options: { readonly isReadable?: boolean } = {}) => {
  const lines: string[] = []
  const logger = createLogger({
    level: 'debug',
    name: 'node-1',
    isReadable: options.isReadable ?? false,
    destination: { write: (line) => void lines.push(line) },
  })
  return {
    logger,
    text: () => lines.join(''),
    last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>,
  }
}

/** No part of the token may remain: not its claims, not its signature. */
const expectNoToken = (text: string): void => {
  for (const part of token.split('.')) expect(text).not.toContain(part.slice(4))
}

/** Of what secrets are made, and of what looks like it. */
const fragment = fc.oneof(
  fc.constantFrom('"', '\\"', ':', '=', '?', '&', ' ', '://', '@', 'ey', 'eyJ', 'eyA', 'EYJ', '['),
  fc.constantFrom('token', 'Token', 'access_token', 'password_hash', 'jwtSecret', 'set-cookie'),
  fc.constantFrom('authorization', 'apiKey', 'API_KEY', 'Bearer', 'basic', 'hash', input),
  fc.string({ maxLength: 24 }),
)

describe('redaction', () => {
  it('never lets pass at a glance what a closer look would replace', () => {
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
        const line = fragments.join('')
        // An `@` has every line looked at closely, and is none of what is replaced when it comes first.
        expect(redactLine(line)).toBe(redactLine(`@${line}`).slice(1))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each<[string, (logger: ReturnType<typeof createLogger>) => void]>([
    ['the message', (logger) => logger.info(`token ${token} refused`)],
    ['a message after a line end', (logger) => logger.info(`refused:\n${token}`)],
    ['a format argument', (logger) => logger.info('refused %s %j', token, { a: token })],
    ['a member', (logger) => logger.info({ value: token })],
    ['a nested member', (logger) => logger.info({ a: [{ b: { c: { d: { e: token } } } }] })],
    ['a key', (logger) => logger.info({ [token]: 1 })],
    ['a URL', (logger) => logger.info({ url: `/socket.io/?EIO=4&token=${token}&transport=x` })],
    [
      'a header',
      (logger) => logger.info({ req: { headers: { authorization: `Bearer ${token}` } } }),
    ],
    ['an error', (logger) => logger.error({ err: new Error(`bad ${token}`) })],
    ['an error as the line itself', (logger) => logger.error(new Error(`bad ${token}`))],
    ['a cause', (logger) => logger.error({ err: new Error('x', { cause: new Error(token) }) })],
    ['an aggregate', (logger) => logger.error({ err: new AggregateError([new Error(token)]) })],
    ['a child logger', (logger) => logger.child({ bound: token }).info('x')],
    ['JSON in a string', (logger) => logger.info(JSON.stringify({ auth: { token } }))],
    ['a token without signature', (logger) => logger.info(`${input}.`)],
    ['a token glued to other text', (logger) => logger.info(`x${token}.more`)],
  ])('leaves nothing of a token in %s', (_where, log) => {
    for (const isReadable of [false, true]) {
      const { logger, text } = createRecorder({ isReadable })
      log(logger)
      expect(text()).toContain('[redacted]')
      expectNoToken(text())
    }
  })

  it.each([
    'token',
    'authorization',
    'Cookie',
    'password',
    'refreshToken',
    'access_token',
    'secret',
  ])('hides what is named %s at any depth, whatever it looks like', (name) => {
    const { logger, text } = createRecorder()
    logger.info({ [name]: 'MARK "quoted" MARK', a: { b: { c: { d: [{ [name]: ['MARK'] }] } } } })
    logger.info(`body was ${JSON.stringify({ [name]: 'MARK' })}`)
    expect(text()).not.toContain('MARK')
    for (const line of text().trim().split('\n')) expect(() => void JSON.parse(line)).not.toThrow()
  })

  it('hides opaque credentials in headers, queries and connection strings', () => {
    const { logger, text } = createRecorder()
    logger.info(
      'sent Bearer MARK1 to postgres://uzima:MARK2@db/x?token=MARK3 and rediss://:MARK4@r',
    )
    expect(text()).not.toMatch(/MARK/)
    expect(text()).toContain('postgres://uzima:[redacted]@db/x')
  })

  it('leaves ordinary lines as they are', () => {
    const { logger, last } = createRecorder()
    logger.info({ url: '/api/inventory?limit=10', socketId: 'HwLmF9_eyX-abcdefghij' }, 'answered')
    expect(last()).toMatchObject({
      level: 'info',
      name: 'node-1',
      msg: 'answered',
      url: '/api/inventory?limit=10',
      socketId: 'HwLmF9_eyX-abcdefghij',
    })
  })

  it('takes time in proportion to the length of hostile text', () => {
    const started = performance.now()
    for (const text of ['eyJ', 'a.', '"token":"', '://a:', '\\"', 'Bearer ', '&token=']) {
      redactLine(text.repeat(100_000))
    }
    expectWithin(3_000, performance.now() - started, 'The redaction of hostile text')
  })
})

describe('errors', () => {
  it('tells type, code, stack and the chain of causes', () => {
    const { logger, last } = createRecorder()
    const inner = Object.assign(new TypeError('inner'), { code: 'ECONNREFUSED' })
    logger.error({ err: new Error('outer', { cause: inner }) }, 'failed')
    expect(last()['err']).toMatchObject({
      type: 'Error',
      message: 'outer',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { type: 'TypeError', message: 'inner', code: 'ECONNREFUSED' },
    })
  })

  it('leaves out what database drivers hang on an error', () => {
    const { logger, text } = createRecorder()
    const error = Object.assign(new Error('duplicate'), {
      detail: 'Key (email)=(MARK)',
      params: ['MARK'],
    })
    logger.error({ err: error }, 'failed')
    expect(text()).not.toContain('MARK')
  })

  it('ends a circle of causes', () => {
    const { logger, text } = createRecorder()
    const error = new Error('round')
    error.cause = error
    logger.error({ err: error })
    expect(text().match(/"message":"round"/g)).toHaveLength(5)
  })

  it('takes anything that was thrown', () => {
    const { logger, last } = createRecorder()
    logger.error({ err: 'a string' })
    expect(last()['err']).toEqual({ type: 'string', message: 'a string' })
  })
})

describe('readable lines', () => {
  it('shows time, level, message and members in one row, then the stack', () => {
    const { logger, text } = createRecorder({ isReadable: true })
    logger.warn({ port: 3000, err: new Error('why', { cause: new Error('root') }) }, 'listening')
    expect(text()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}listening port=3000\n {4}Error: why\n/)
    expect(text()).toContain('caused by Error: root')
  })

  it('lets no control characters and no second line through', () => {
    const { logger, text } = createRecorder({ isReadable: true })
    logger.info({ agent: 'a\u001b[31m\nERROR faked' }, 'x\r\nINFO faked')
    expect(text().trimEnd()).not.toMatch(/[\u001b\r\n]/)
  })
})

describe('standard output', () => {
  it('survives a reader that goes away', () => {
    const program = `
      import { createLogger } from './src/observability/logger.ts'
      const logger = createLogger({ level: 'info', name: 'n' })
      for (let i = 0; i < 20_000; i += 1) logger.info('line')
      await new Promise((resolve) => setImmediate(resolve))
      process.stderr.write('alive')`
    const script =
      'node --conditions=source --import tsx --input-type=module -e "$PROGRAM" | head -n 1'
    const shell = `exec 3>&1; { ${script} >/dev/null; } 2>&3`
    const output = execFileSync('bash', ['-c', shell], {
      encoding: 'utf8',
      env: { ...process.env, PROGRAM: program },
    })
    expect(output).toContain('alive')
  })
})
