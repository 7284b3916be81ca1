import { Command } from 'commander'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { withUserAdmin } from './with-user-admin.js'

/** `uzima token <user>`: prints an access token and nothing else, for scripts. */
export const tokenCommand = (): Command =>
  new Command('token')
    .description('print an access token of a user, signed with the key of this machine')
    .argument('<user>', 'user name or id')
    .addHelpText(
      'after',
      examples([
        'UZIMA_TOKEN=$(uzima token admin) uzima connections',
        'as somebody for one command',
      ]),
    )
    .action(async (user: string, flags: JsonFlag) => {
      const { token, expiresAt } = await withUserAdmin(async (admin) => {
        const { username, isActive } = await admin.find(user)
        if (!isActive) throw new Error(`${username} is deactivated; a token would be refused.`)
        return admin.tokenFor(user)
      })
      const until = new Date(expiresAt).toISOString()
      say(flags, { token, expiresAt: until }, token)
      if (process.stdout.isTTY) {
        process.stderr.write(`valid until ${until}\n`)
      }
    })
