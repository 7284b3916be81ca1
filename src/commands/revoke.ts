import { Command } from 'commander'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { withUserAdmin } from './with-user-admin.js'

/** `uzima revoke <user>`: ends all sessions, now. */
export const revokeCommand = (): Command =>
  new Command('revoke')
    .description('end all sessions of a user, who may log in again')
    .argument('<user>', 'user name or id')
    .addHelpText(
      'after',
      examples(['uzima revoke ana', 'then uzima revocation <seq> is the proof']),
    )
    .action(async (user: string, flags: JsonFlag) => {
      const { seq } = await withUserAdmin((admin) => admin.revoke(user))
      say(
        flags,
        { user, seq },
        `All sessions of ${user} ended, entry ${seq.toString()} of the log.`,
      )
    })
