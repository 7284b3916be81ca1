import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCli, type Cli } from './cli.js'

let cli: Cli
beforeAll(async () => {
  cli = await createCli()
})
afterAll(() => cli.close())

describe('wrong usage exits with 2 and says what is right', () => {
  it.each<[string[], RegExp]>([
    [['bogus'], /unknown command 'bogus'/],
    [['user', 'role', 'ana', 'nurse'], /Allowed choices are admin/],
    [['user', 'add', 'ana'], /--role/],
    [['grant', 'add', 'ana', 'doctor', '--reason', 'x'], /say when it ends/],
    [['send', 'hello'], /say to whom/],
    [['send', 'hello', '--all', '[1]'], /Write a JSON object/],
    [['send', 'hello', '--all', '--role', 'admin'], /cannot be used with/],
    [['listen', '--url', 'localhost'], /http:\/\/host:port/],
    [['listen', '--count', '0'], /above 0/],
    [['audit', 'verify', '--since', 'yesterday'], /ISO 8601/],
    [['listen', '--token', 'x'], /unknown option '--token'/],
    [['export', 'users'], /Allowed choices are log, movements, connections/],
    [['top', '--every', '0'], /above 0/],
  ])('uzima %j', async (args, message) => {
    const { code, stdout, stderr } = await cli.run(args)
    expect(stderr).toMatch(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe('a failure exits with 1 and one sentence, without a stack', () => {
  it.each<[string[], NodeJS.ProcessEnv, RegExp]>([
    [['migrate'], { PORT: 'x', TRANSPORTS: 'x' }, /PORT: .*\n.*TRANSPORTS: /],
    [['listen'], {}, /No server runs on this data folder/],
    [['send', '--all', 'x', '--url', 'http://127.0.0.1:1'], { UZIMA_TOKEN: 'x' }, /No answer from/],
    [['top', '--url', 'http://127.0.0.1:1', '--token-file', '/nowhere'], {}, /\/nowhere cannot be/],
    [
      ['migrate'],
      { DATABASE_URL: 'postgres://u:S3CR3T@127.0.0.1:1/x' },
      /DATABASE_URL: nothing listens at 127\.0\.0\.1:1\./,
    ],
  ])('uzima %j with %j', async (args, env, message) => {
    const { code, stdout, stderr } = await cli.run(args, env)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/S3CR3T|\n {4}at /)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })
})

it.each<[NodeJS.ProcessEnv, RegExp]>([
  [{ PORT: 'x', TRANSPORTS: 'x' }, /PORT: .*\n.*TRANSPORTS: /],
  [{ NODE_ENV: 'production' }, /JWT_SECRET: is missing/],
])('does not serve with %j', async (env, message) => {
  const { code, stdout, stderr } = await cli.start(['serve'], env).exited
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(/\n {4}at /)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
})

describe('with --json an error is one JSON object', () => {
  it.each<[string[], number, string]>([
    [['bogus', '--json'], 2, 'USAGE'],
    [['user', 'add', '--json'], 2, 'USAGE'],
    [['user', '--json'], 2, 'USAGE'],
    [['connections', '--json'], 1, 'NO_ACCESS'],
    [['top', '--json', '--url', 'http://127.0.0.1:1'], 1, 'NO_ACCESS'],
  ])('uzima %j', async (args, code, name) => {
    const result = await cli.run(args)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(JSON.parse(result.stderr)).toEqual({
      error: { code: name, message: expect.stringMatching(/^[^\n]+$/) },
    })
  })
})

it('completes commands, options and choices in bash', async () => {
  const { stdout: script } = await cli.run(['completion', 'bash'])
  const complete = async (...words: string[]): Promise<string[]> => {
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _uzima; echo "\${COMPREPLY[*]}"`,
      'bash',
      ...words,
    ])
    return stdout.trim().split(' ')
  }
  expect(await complete('uzima', 'disc')).toEqual(['disconnect'])
  expect(await complete('uzima', 'user', 're')).toEqual(['revoke'])
  expect(await complete('uzima', 'user', 'add', 'ana', '--ro')).toEqual(['--role'])
  expect(await complete('uzima', 'export', 'mo')).toEqual(['movements'])
  expect(await complete('uzima', 'log', 'epoch', '--')).toEqual(['--new', '--json', '--help'])
})

it.each([
  ['zsh', /^autoload .*\n_uzima\(\) \{/],
  [
    'fish',
    /'__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from head epoch' -a head /,
  ],
])('has a script for %s', async (shell, line) => {
  const { code, stdout } = await cli.run(['completion', shell])
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(line) })
})

it('shows its commands and exits with 0', async () => {
  const { code, stdout } = await cli.run(['--help'])
  for (const name of ['serve', 'migrate', 'user', 'token', 'listen', 'send', 'audit', 'demo']) {
    expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
  }
  expect(code).toBe(0)
})
