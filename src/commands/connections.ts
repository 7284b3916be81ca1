import { connectionsPageSchema } from '@uzima/contracts'
import { Command } from 'commander'
import { examples } from './examples.js'
import { remark, say, table, type JsonFlag } from './output.js'
import { createRest } from './rest.js'
import { findAccess, withAccessFlags, type AccessFlags } from './server-access.js'

interface ConnectionsFlags extends AccessFlags, JsonFlag {
  readonly user?: string
}

/** `uzima connections`: who is connected now, over all nodes. */
export const connectionsCommand = (): Command =>
  withAccessFlags(
    new Command('connections')
      .description('list who is connected now, on all nodes; asks a running server')
      .option('--user <user>', 'only those of this user, by name or id'),
  )
    .addHelpText(
      'after',
      examples(
        ['uzima connections', 'all, with the ids that uzima disconnect takes'],
        ['uzima connections --user ana --json', 'one person, for a program'],
      ),
    )
    .action(async (flags: ConnectionsFlags) => {
      const { url, getToken } = await findAccess(flags)
      const page = await createRest(url, getToken).request(
        'GET',
        '/api/connections',
        connectionsPageSchema,
      )
      const wanted = flags.user?.toLowerCase()
      const connections = page.connections.filter(
        ({ userId, username }) =>
          wanted === undefined || userId === wanted || username.toLowerCase() === wanted,
      )
      say(
        flags,
        { ...page, connections },
        table(
          ['USERNAME', 'ROLE', 'NODE', 'TRANSPORT', 'ADDRESS', 'SINCE', 'SOCKET'],
          connections.map(({ username, role, node, transport, ip, connectedAt, socketId }) => [
            username,
            role,
            node,
            transport,
            ip,
            connectedAt,
            socketId,
          ]),
        ),
      )
      if (page.missingNodes.length > 0) {
        remark(flags, `No answer from ${page.missingNodes.join(', ')}: theirs are not shown.`)
      }
    })
