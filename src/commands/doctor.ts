import { Command } from 'commander'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/schema.js'
import { createPaint, printableLine, type Color } from '../observability/printable.js'
import { checkCopies } from './checks/copies.js'
import { checkDatabase } from './checks/database.js'
import { checkDisk, checkEmbedded } from './checks/disk.js'
import { fail, ok, type Finding } from './checks/finding.js'
import { checkKeyHost, checkKeys } from './checks/keys.js'
import { checkRedisUrl } from './checks/redis.js'
import { checkPage, checkServer } from './checks/server.js'
import { CommandError } from './command-error.js'
import { examples } from './examples.js'
import { failureOf } from './failure.js'
import { say, type JsonFlag } from './output.js'

/** Each by the name that it has where it fails as a whole. */
const CHECKS: readonly (readonly [string, (config: Config) => Promise<Finding[]> | Finding[]])[] = [
  ['keys', checkKeys],
  ['key-host', checkKeyHost],
  ['server', checkServer],
  ['page', checkPage],
  ['disk', checkDisk],
  ['copies', checkCopies],
  ['database', checkEmbedded],
  ['database', checkDatabase],
  ['redis', checkRedisUrl],
]

/** `uzima doctor`: what is wrong here, beside a running server or without one; it changes nothing. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('check all that the service relies on, and say what to do; changes nothing')
    .addHelpText(
      'after',
      [
        examples(
          ['uzima doctor', 'with the settings of the server; exit code 1 where something fails'],
          ['uzima doctor --json', 'for a program: { ok, findings: [{ check, level, says }] }'],
        ),
        '\nEach line is ok, warn (works, look at it soon) or fail. With the embedded database a stopped',
        'server is judged by its files: opening it would write. uzima stock check looks at the stock.',
      ].join('\n'),
    )
    .action(async (flags: JsonFlag) => {
      const findings = await examine()
      const failed = findings.filter(({ level }) => level === 'fail').length
      say(flags, { ok: failed === 0, findings }, findings.map(lineOf).join('\n'))
      if (failed > 0) {
        const what = failed === 1 ? '1 check fails' : `${failed.toString()} checks fail`
        throw new CommandError('CHECK_FAILED', `${what}; each line says what to do.`)
      }
    })

const examine = async (): Promise<Finding[]> => {
  let config: Config
  try {
    config = loadConfig()
  } catch (error) {
    // Without settings it is not known what to look at.
    return [failed('settings', error)]
  }
  const findings = await Promise.all(
    CHECKS.map(async ([name, check]) => {
      try {
        return await check(config)
      } catch (error) {
        return [failed(name, error)]
      }
    }),
  )
  return [ok('settings', 'all can be used'), ...findings.flat()]
}

const failed = (check: string, error: unknown): Finding => fail(check, failureOf(error).message)

const COLORS: Readonly<Record<Finding['level'], Color>> = {
  ok: 'green',
  warn: 'yellow',
  fail: 'red',
}

const lineOf = ({ check, level, says }: Finding): string => {
  const paint = createPaint(process.stdout)
  return `${paint(level.padEnd(4), COLORS[level])}  ${check.padEnd(11)}  ${printableLine(says)}`
}
