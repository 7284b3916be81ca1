import { messageSchema, ROLES, type MessageTarget, type Role } from '@uzima/contracts'
import { Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { createRest, type Rest } from './rest.js'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { findAccess, withAccessFlags, type AccessFlags } from './server-access.js'
import { createUserLookup } from './user-admin-rest.js'

interface SendFlags extends AccessFlags, JsonFlag {
  readonly all?: true
  readonly user?: string
  readonly role?: Role
  readonly room?: string
}

const TARGETS = ['all', 'user', 'role', 'room'] as const

/** `uzima send`: an event of your own to connected sockets, as an administrator. */
export const sendCommand = (): Command =>
  withAccessFlags(
    new Command('send')
      .description('send an event to connected users; at most once, it is not in the log')
      .argument('<event>', 'its name, such as hello')
      .argument('[json]', 'its payload, a JSON object', parseJson, {})
      .addOption(new Option('--all', 'to every socket').conflicts(['user', 'role', 'room']))
      .addOption(new Option('--user <user>', 'by name or id').conflicts(['role', 'room']))
      .addOption(new Option('--role <role>').choices(ROLES).conflicts(['room']))
      .option('--room <room>', 'a room of your back end, or user_<id>, role_<role>'),
  )
    .addHelpText(
      'after',
      examples(
        [`uzima send notice '{"text":"Fridge 2 is open"}' --all`, 'to everybody'],
        ['uzima send hello --user ana', 'to one person, without a payload'],
      ),
    )
    .action(async (event: string, data: object, flags: SendFlags, command: Command) => {
      if (TARGETS.every((name) => flags[name] === undefined)) {
        command.error('error: say to whom: --all, --user, --role or --room', { exitCode: 2 })
      }
      const { url, getToken } = await findAccess(flags)
      const rest = createRest(url, getToken)
      const message = messageSchema.parse({ to: await targetOf(flags, rest), event, data })
      await rest.request('POST', '/api/messages', z.unknown(), message)
      say(flags, { sent: message }, `Sent ${event} to ${describe(flags)}.`)
    })

const targetOf = async ({ user, role, room }: SendFlags, rest: Rest): Promise<MessageTarget> => {
  if (user !== undefined) return { userId: await idOf(user, rest) }
  if (role !== undefined) return { role }
  return room === undefined ? { all: true } : { room }
}

/** Back ends may have users of their own, so an id goes as it is. */
const idOf = async (user: string, rest: Rest): Promise<string> => {
  if (z.uuid().safeParse(user).success) return user
  return (await createUserLookup(rest).find(user)).id
}

const describe = ({ user, role, room }: SendFlags): string => {
  if (user !== undefined) return `user ${user}`
  if (role !== undefined) return `role ${role}`
  return room === undefined ? 'everybody' : `room ${room}`
}

const parseJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError(`Write a JSON object, such as '{"a":1}'.`)
}
