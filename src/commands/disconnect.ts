import { Command } from 'commander'
import { z } from 'zod'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { createRest } from './rest.js'
import { findAccess, withAccessFlags, type AccessFlags } from './server-access.js'

/** `uzima disconnect <socketId>`: ends one connection. */
export const disconnectCommand = (): Command =>
  withAccessFlags(
    new Command('disconnect')
      .description('end one connection, whose client may come back; asks a running server')
      .argument('<socketId>', 'as uzima connections shows it'),
  )
    .addHelpText(
      'after',
      examples(['uzima disconnect Qx3v0mB1yA2kAAAB', 'uzima revoke ends all of a user for good']),
    )
    .action(async (socketId: string, flags: AccessFlags & JsonFlag) => {
      const { url, getToken } = await findAccess(flags)
      const path = `/api/connections/${encodeURIComponent(socketId)}`
      await createRest(url, getToken).request('DELETE', path, z.unknown())
      say(flags, { disconnected: socketId }, `Ended the connection ${socketId}.`)
    })
