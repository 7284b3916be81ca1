import { createGrantSchema, ROLES, type CreateGrant, type Grant, type Role } from '@uzima/contracts'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { duration } from '../config/parsers.js'
import { parseTime } from './arguments.js'
import { examples } from './examples.js'
import { say, table, type JsonFlag } from './output.js'
import { withUserAdmin } from './with-user-admin.js'

interface AddFlags extends JsonFlag {
  readonly for?: number
  readonly from?: Date
  readonly until?: Date
  readonly reason: string
}

/** `uzima grant`: roles that end by themselves. */
export const grantCommand = (): Command =>
  new Command('grant')
    .description('give a user a role for a time; it ends by itself')
    .addCommand(addCommand())
    .addCommand(
      new Command('list')
        .description('list the roles that a user has, had or will have for a time')
        .argument('<user>', 'user name or id')
        .option('--json', 'one JSON object a line')
        .addHelpText('after', examples(['uzima grant list ana', 'with the ids, to end one']))
        .action(async (user: string, { json }: JsonFlag) => {
          const grants = await withUserAdmin((admin) => admin.grants(user))
          if (json === true) for (const grant of grants) console.log(JSON.stringify(grant))
          else console.log(tableOf(grants))
        }),
    )
    .addCommand(
      new Command('end')
        .description('end a grant now, or take it back before it begins')
        .argument('<id>', 'as uzima grant list shows it')
        .addHelpText(
          'after',
          examples(['uzima grant end 9b2f1c6e-8f0e-4c1b-9a57-3f6d1f4f2a10', 'at once']),
        )
        .action(async (id: string, flags: JsonFlag) => {
          const grant = await withUserAdmin((admin) => admin.endGrant(id))
          say(flags, grant, `The grant of ${grant.role} is ${grant.state}.`)
        }),
    )

const addCommand = (): Command =>
  new Command('add')
    .description('give a role; live sockets change rooms at its beginning and at its end')
    .argument('<user>', 'user name or id')
    .addArgument(new Argument('<role>').choices(ROLES))
    .addOption(
      new Option('--for <time>', 'how long from its beginning, such as 8h or 30m')
        .argParser(parseLength)
        .conflicts('until'),
    )
    .addOption(new Option('--until <time>', 'its end, ISO 8601').argParser(parseTime))
    .addOption(
      new Option('--from <time>', 'its beginning, ISO 8601; default now').argParser(parseTime),
    )
    .requiredOption('--reason <text>', 'why; it stays in the history')
    .addHelpText(
      'after',
      examples(
        ['uzima grant add ana pharmacist --for 10h --reason "night shift"', 'from now on'],
        [
          'uzima grant add ana pharmacist --from 2026-12-01T20:00Z --for 12h --reason "locum"',
          'another night',
        ],
      ),
    )
    .action(async (user: string, role: Role, flags: AddFlags, command: Command) => {
      const until = endOf(flags)
      if (until === undefined) {
        command.error('error: say when it ends: --for or --until', { exitCode: 2 })
      }
      const asked = readGrant(role, until, flags)
      const grant = await withUserAdmin((admin) => admin.grant(user, asked))
      say(
        flags,
        grant,
        `${user} ${grant.state === 'active' ? 'is' : 'will be'} ${role} until ${grant.validUntil}, id ${grant.id}.`,
      )
    })

const parseLength = (text: string): number => {
  try {
    return duration('1s', '366d')(text)
  } catch (error) {
    throw new InvalidArgumentError(
      `It ${error instanceof Error ? error.message : 'cannot be read'}.`,
    )
  }
}

const endOf = ({ for: length, from, until }: AddFlags): Date | undefined =>
  length === undefined ? until : new Date((from?.getTime() ?? Date.now()) + length)

const readGrant = (role: Role, until: Date, { from, reason }: AddFlags): CreateGrant => {
  const grant = createGrantSchema.safeParse({
    role,
    validUntil: until.toISOString(),
    ...(from === undefined ? {} : { validFrom: from.toISOString() }),
    reason,
  })
  if (grant.success) return grant.data
  throw new Error(
    grant.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  )
}

const tableOf = (grants: readonly Grant[]): string =>
  table(
    ['ROLE', 'STATE', 'FROM', 'UNTIL', 'BY', 'REASON', 'ID'],
    grants.map((grant) => [
      grant.role,
      grant.state,
      grant.validFrom,
      grant.revokedAt !== null && grant.state === 'revoked' ? grant.revokedAt : grant.validUntil,
      grant.grantedBy,
      grant.reason,
      grant.id,
    ]),
  )
