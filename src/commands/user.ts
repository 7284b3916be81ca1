import { createUserSchema, ROLES, type Role, type User } from '@uzima/contracts'
import { Argument, Command, Option } from 'commander'
import { printableLine } from '../observability/printable.js'
import { askSecret } from './prompt.js'
import { withUserAdmin } from './with-user-admin.js'

interface AddFlags {
  readonly role: Role
  readonly email?: string
  readonly password?: string
}

/** `uzima user`: accounts. Changes reach live sockets in the order of the log, like those of any other writer. */
export const userCommand = (): Command =>
  new Command('user')
    .description('list and change accounts')
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(
      new Command('role')
        .description('give a user another role; live sockets change rooms at once')
        .argument('<user>', 'user name or id')
        .addArgument(new Argument('<role>').choices(ROLES))
        .action(async (user: string, role: Role) => {
          const { username } = await withUserAdmin((admin) => admin.setRole(user, role))
          console.log(`${username} is now ${role}.`)
        }),
    )
    .addCommand(
      new Command('deactivate')
        .description('end all sessions of a user and refuse new ones')
        .argument('<user>', 'user name or id')
        .action(async (user: string) => {
          const { username } = await withUserAdmin((admin) => admin.deactivate(user))
          console.log(`${username} is deactivated.`)
        }),
    )
    .addCommand(
      new Command('revoke')
        .description('end all sessions of a user, who may log in again')
        .argument('<user>', 'user name or id')
        .action(async (user: string) => {
          const { seq } = await withUserAdmin((admin) => admin.revoke(user))
          console.log(`All sessions of ${user} ended, entry ${seq.toString()} of the log.`)
        }),
    )

const listCommand = (): Command =>
  new Command('list')
    .description('list the accounts')
    .option('--json', 'one JSON object a line')
    .action(async ({ json }: { readonly json?: true }) => {
      const users = await withUserAdmin((admin) => admin.list())
      if (json === true) for (const user of users) console.log(JSON.stringify(user))
      else console.log(table(users))
    })

const addCommand = (): Command =>
  new Command('add')
    .description('make an account')
    .argument('<username>')
    .addOption(new Option('--role <role>').choices(ROLES).makeOptionMandatory())
    .option('--email <address>', 'default: <username>@uzima.invalid')
    .option('--password <password>', 'others on this machine may see it; asked for on a terminal')
    .action(async (username: string, { role, email, password }: AddFlags) => {
      const secret = password ?? (await askPassword(username))
      const user = createUserSchema.safeParse({
        username,
        email: email ?? `${username}@uzima.invalid`,
        role,
        ...(secret === '' ? {} : { password: secret }),
      })
      if (!user.success) {
        const issues = user.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
        throw new Error(issues.join('; '))
      }
      const { id } = await withUserAdmin((admin) => admin.add(user.data))
      console.log(`${username} is added as ${role}, id ${id}.`)
    })

const askPassword = async (username: string): Promise<string> =>
  process.stdin.isTTY ? askSecret(`Password for ${username} (empty: no login by password): `) : ''

const table = (users: readonly User[]): string => {
  const rows = [
    ['USERNAME', 'ROLE', 'ACTIVE', 'EMAIL', 'ID'],
    ...users.map((user) => [
      user.username,
      user.role,
      user.isActive ? 'yes' : 'no',
      user.email,
      user.id,
    ]),
  ].map((row) => row.map(printableLine))
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n')
}
