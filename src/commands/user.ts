import { createUserSchema, ROLES, type CreateUser, type Role, type User } from '@uzima/contracts'
import { Argument, Command, Option } from 'commander'
import { dataCommand, eraseCommand, erasuresCommand } from './erase.js'
import { examples } from './examples.js'
import { say, table, type JsonFlag } from './output.js'
import { askSecret } from './prompt.js'
import { revokeCommand } from './revoke.js'
import { readSecretFile } from './server-access.js'
import { withUserAdmin } from './with-user-admin.js'

interface AddFlags extends JsonFlag {
  readonly role: Role
  readonly email?: string
  readonly passwordFile?: string
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
        .addHelpText('after', examples(['uzima user role ana pharmacist', 'from now on']))
        .action(async (user: string, role: Role, flags: JsonFlag) => {
          const changed = await withUserAdmin((admin) => admin.setRole(user, role))
          say(flags, changed, `${changed.username} is now ${role}.`)
        }),
    )
    .addCommand(
      new Command('deactivate')
        .description('end all sessions of a user and refuse new ones')
        .argument('<user>', 'user name or id')
        .addHelpText('after', examples(['uzima user deactivate ben', 'who has left']))
        .action(async (user: string, flags: JsonFlag) => {
          const changed = await withUserAdmin((admin) => admin.deactivate(user))
          say(flags, changed, `${changed.username} is deactivated.`)
        }),
    )
    .addCommand(revokeCommand())
    .addCommand(dataCommand())
    .addCommand(eraseCommand())
    .addCommand(erasuresCommand())

const listCommand = (): Command =>
  new Command('list')
    .description('list the accounts')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', examples(['uzima user list', 'with roles and ids']))
    .action(async ({ json }: JsonFlag) => {
      const users = await withUserAdmin((admin) => admin.list())
      if (json === true) for (const user of users) console.log(JSON.stringify(user))
      else console.log(tableOf(users))
    })

const addCommand = (): Command =>
  new Command('add')
    .description('make an account')
    .argument('<username>')
    .addOption(new Option('--role <role>').choices(ROLES).makeOptionMandatory())
    .option('--email <address>', 'default: <username>@uzima.invalid')
    .option('--password-file <file>', 'holds the password; asked for on a terminal')
    .addHelpText(
      'after',
      examples(
        ['uzima user add ana --role pharmacist', 'asks for a password'],
        ['uzima user add kiosk --role doctor --password-file pw', 'in a script'],
      ),
    )
    .action(async (username: string, flags: AddFlags) => {
      const user = await readUser(username, flags)
      const made = await withUserAdmin((admin) => admin.add(user))
      say(flags, made, `${username} is added as ${user.role}, id ${made.id}.`)
    })

const readUser = async (username: string, flags: AddFlags): Promise<CreateUser> => {
  const { role, email, passwordFile } = flags
  const secret =
    passwordFile === undefined ? await askPassword(username) : await readSecretFile(passwordFile)
  const user = createUserSchema.safeParse({
    username,
    email: email ?? `${username}@uzima.invalid`,
    role,
    ...(secret === '' ? {} : { password: secret }),
  })
  if (user.success) return user.data
  const issues = user.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(issues.join('; '))
}

const askPassword = async (username: string): Promise<string> =>
  process.stdin.isTTY ? askSecret(`Password for ${username} (empty: no login by password): `) : ''

const tableOf = (users: readonly User[]): string =>
  table(
    ['USERNAME', 'ROLE', 'ACTIVE', 'EMAIL', 'ID'],
    users.map((user) => [
      user.username,
      user.role,
      user.isActive ? 'yes' : 'no',
      user.email,
      user.id,
    ]),
  )
