import { ERRORS, erasureSchema, isErrorCode, type EraseResult } from '@uzima/contracts'
import { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { AppError } from '../errors/app-error.js'
import { CommandError } from './command-error.js'
import { withErasureAdmin, type ErasureAdmin } from './erasure-admin.js'
import { examples } from './examples.js'
import { say, table, writeText, type JsonFlag } from './output.js'
import { ask } from './prompt.js'
import { withUserAdmin } from './with-user-admin.js'

interface EraseFlags extends JsonFlag {
  readonly reason?: string
  readonly yes?: true
  readonly again?: string
}

/** `uzima user erase`: a person's texts go, for good. */
export const eraseCommand = (): Command =>
  new Command('erase')
    .description('take the personal texts of a user who has left out of everything, for good')
    .argument('[user]', 'user name, or the id of a deleted user')
    .option('--reason <text>', 'kept with the record of it; without names')
    .option('--yes', 'do not ask')
    .option('--again <file>', 'erase everybody of this list: what uzima user erasures --json wrote')
    .addHelpText(
      'after',
      examples(
        ['uzima user erase ben --reason "asked for it"', 'once ben is deactivated'],
        ['uzima user erase --again erasures.jsonl', 'after an older copy was restored'],
      ),
    )
    .action(async (user: string | undefined, flags: EraseFlags) => {
      if ((user === undefined) === (flags.again === undefined)) {
        throw new CommandError('USAGE', 'Name a user, or a list with --again.')
      }
      if (flags.again !== undefined) await eraseAgain(flags.again, flags)
      else if (user !== undefined) await eraseOne(user, flags)
    })

const eraseOne = async (user: string, flags: EraseFlags): Promise<void> => {
  if (flags.yes !== true) await confirm(user)
  const erased = await withErasureAdmin((admin) => admin.erase(user, flags.reason))
  say(flags, erased, `${user} is erased: ${rowsOf(erased)} rows lost a personal text.`)
}

const confirm = async (user: string): Promise<void> => {
  if (!process.stdin.isTTY) {
    throw new CommandError(
      'NOT_CONFIRMED',
      'This cannot be undone. Give --yes where nobody can answer.',
    )
  }
  const answer = await ask(
    `Name, address, devices and words of ${user} are removed for good; stock and history stay. Type the user again: `,
  )
  if (answer.trim().toLowerCase() !== user.toLowerCase()) {
    throw new CommandError('NOT_CONFIRMED', 'That was another one. Nothing was changed.')
  }
}

/** Who came after the copy is not in it; who was active then is deactivated first. */
const eraseAgain = async (file: string, flags: EraseFlags): Promise<void> => {
  const ids = [...new Set(await readIds(file))]
  let erased = 0
  for (const id of ids) {
    if (await eraseIfThere(id, flags.reason)) erased += 1
  }
  say(
    flags,
    { erased, unknown: ids.length - erased },
    `${erased.toString()} of ${ids.length.toString()} people of the list were here and are erased again.`,
  )
}

const eraseIfThere = async (id: string, reason: string | undefined): Promise<boolean> => {
  const users = await withUserAdmin((admin) => admin.list())
  if (users.some((user) => user.id === id && user.isActive)) {
    await withUserAdmin((admin) => admin.deactivate(id))
  }
  try {
    await withErasureAdmin((admin) => admin.erase(id, reason))
    return true
  } catch (error) {
    if (isUnknown(error)) return false
    throw error
  }
}

const isUnknown = (error: unknown): boolean =>
  (error instanceof AppError || error instanceof CommandError) &&
  isErrorCode(error.code) &&
  ERRORS[error.code].status === 404

const lineSchema = erasureSchema.pick({ userId: true })

const readIds = async (file: string): Promise<string[]> => {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  try {
    return lines.map((line) => lineSchema.parse(JSON.parse(line)).userId)
  } catch (error) {
    throw new CommandError(
      'USAGE',
      `${file} is no list of erasures. uzima user erasures --json makes one.`,
      { cause: error },
    )
  }
}

const rowsOf = ({ rows }: EraseResult): string =>
  Object.values(rows)
    .reduce((sum, count) => sum + count, 0)
    .toString()

/** `uzima user erasures`: who was erased. */
export const erasuresCommand = (): Command =>
  new Command('erasures')
    .description('list who was erased, by id; keep the list beside the copies of the data')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      examples(['uzima user erasures --json > erasures.jsonl', 'for uzima user erase --again']),
    )
    .action(async ({ json }: JsonFlag) => {
      const erasures = await withErasureAdmin((admin) => admin.list())
      if (json === true) for (const erasure of erasures) console.log(JSON.stringify(erasure))
      else
        console.log(
          table(
            ['AT', 'USER', 'BY', 'REASON', 'ROWS'],
            erasures.map((erasure) => [
              erasure.at,
              erasure.userId,
              erasure.actor,
              erasure.reason ?? '-',
              rowsOf(erasure),
            ]),
          ),
        )
    })

/** `uzima user data`: what a person may ask for. */
export const dataCommand = (): Command =>
  new Command('data')
    .description('write everything that is kept about a user as one JSON document')
    .argument('<user>', 'user name, or the id of a deleted user')
    .option('--json', 'it is JSON anyway; errors as JSON on standard error')
    .addHelpText('after', examples(['uzima user data ana > ana.json', 'to hand over']))
    .action((user: string) =>
      withErasureAdmin(async (admin: ErasureAdmin) => {
        for await (const piece of await admin.data(user)) await writeText(piece)
      }),
    )
