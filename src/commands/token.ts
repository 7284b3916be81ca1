import { Command } from 'commander'
import { withUserAdmin } from './with-user-admin.js'

/** `uzima token <user>`: prints an access token and nothing else, for scripts. */
export const tokenCommand = (): Command =>
  new Command('token')
    .description('print an access token of a user, signed with the key of this machine')
    .argument('<user>', 'user name or id')
    .action(async (user: string) => {
      const { token, expiresAt } = await withUserAdmin(async (admin) => {
        const { username, isActive } = await admin.find(user)
        if (!isActive) throw new Error(`${username} is deactivated; a token would be refused.`)
        return admin.tokenFor(user)
      })
      console.log(token)
      if (process.stdout.isTTY) {
        process.stderr.write(`valid until ${new Date(expiresAt).toISOString()}\n`)
      }
    })
