import {
  breakGlassDetailSchema,
  breakGlassPageSchema,
  breakGlassSchema,
  EMERGENCY_ROLES,
  type BreakGlass,
  type BreakGlassDetail,
  type Role,
} from '@uzima/contracts'
import { Argument, Command, Option } from 'commander'
import { parseCount } from './arguments.js'
import { examples } from './examples.js'
import { say, table, type JsonFlag } from './output.js'
import { createRest } from './rest.js'
import { findAccess, withAccessFlags, type AccessFlags } from './server-access.js'

/** `uzima break-glass`: takes a role in an emergency. */
export const breakGlassCommand = (): Command =>
  withAccessFlags(
    new Command('break-glass')
      .description('take a role in an emergency, for at most an hour; administrators hear of it')
      .addArgument(new Argument('<role>').choices(EMERGENCY_ROLES))
      .addOption(
        new Option('--minutes <number>', 'for how long, at most 60')
          .argParser(parseCount)
          .default(15),
      )
      .requiredOption(
        '--reason <text>',
        'why; administrators read it, and it stays in the history',
      ),
  )
    .addHelpText(
      'after',
      examples([
        'uzima break-glass pharmacist --username ana --minutes 30 --reason "nobody else is here"',
        'as ana, whose role must be in BREAK_GLASS_ROLES',
      ]),
    )
    .action(async (role: Role, flags: AccessFlags & JsonFlag & TakeFlags) => {
      const { url, getToken } = await findAccess(flags)
      const { minutes, reason } = flags
      const taken = await createRest(url, getToken).request(
        'POST',
        '/api/break-glass',
        breakGlassSchema,
        { role, minutes, reason },
      )
      say(
        flags,
        taken,
        `${taken.username} is ${role} until ${taken.validUntil}. What is done until then is marked, and somebody else reviews it.`,
      )
    })

interface TakeFlags {
  readonly minutes: number
  readonly reason: string
}

/** `uzima reviews [id]`: what was taken in an emergency, and what was done meanwhile. */
export const reviewsCommand = (): Command =>
  withAccessFlags(
    new Command('reviews')
      .description('list the roles that were taken in an emergency and nobody has reviewed yet')
      .argument('[id]', 'one of them, with what was done meanwhile')
      .option('--closed', 'those that were reviewed'),
  )
    .addHelpText(
      'after',
      examples(
        ['uzima reviews', 'open ones, the newest 200'],
        ['uzima reviews 9b2f1c6e-8f0e-4c1b-9a57-3f6d1f4f2a10', 'what was done under it'],
      ),
    )
    .action(
      async (id: string | undefined, flags: AccessFlags & JsonFlag & { closed?: boolean }) => {
        const { url, getToken } = await findAccess(flags)
        const rest = createRest(url, getToken)
        if (id !== undefined) {
          const path = `/api/break-glass/${encodeURIComponent(id)}`
          const one = await rest.request('GET', path, breakGlassDetailSchema)
          say(flags, one, describe(one))
          return
        }
        const state = flags.closed === true ? 'closed' : 'open'
        const path = `/api/break-glass?limit=200&state=${state}`
        const { grants } = await rest.request('GET', path, breakGlassPageSchema)
        say(flags, grants, grants.length === 0 ? `No review is ${state}.` : tableOf(grants))
      },
    )

/** `uzima review`: closes one. */
export const reviewCommand = (): Command =>
  withAccessFlags(
    new Command('review')
      .description('close the review of a role that somebody else took in an emergency')
      .argument('<id>', 'as uzima reviews shows it')
      .requiredOption('--note <text>', 'what was found'),
  )
    .addHelpText(
      'after',
      examples([
        'uzima review 9b2f1c6e-8f0e-4c1b-9a57-3f6d1f4f2a10 --note "spoke to ana, all in order"',
        'as an administrator who is not the user',
      ]),
    )
    .action(async (id: string, flags: AccessFlags & JsonFlag & { readonly note: string }) => {
      const { url, getToken } = await findAccess(flags)
      const path = `/api/break-glass/${encodeURIComponent(id)}/review`
      const { note } = flags
      const closed = await createRest(url, getToken).request('POST', path, breakGlassSchema, {
        note,
      })
      say(flags, closed, `The review of ${closed.role} of ${closed.username} is closed.`)
    })

const tableOf = (grants: readonly BreakGlass[]): string =>
  table(
    ['USER', 'ROLE', 'STATE', 'FROM', 'UNTIL', 'REASON', 'ID'],
    grants.map(({ username, role, state, validFrom, endedAt, validUntil, reason, id }) => [
      username,
      role,
      state,
      validFrom,
      endedAt ?? validUntil,
      reason,
      id,
    ]),
  )

const describe = (one: BreakGlassDetail): string =>
  [
    `${one.username} was ${one.role} from ${one.validFrom} until ${one.endedAt ?? one.validUntil}: ${one.reason}`,
    one.review === null
      ? 'The review is open.'
      : `Reviewed by ${one.review.byUsername ?? one.review.by} at ${one.review.at}: ${one.review.note}`,
    ...one.done.map(
      ({ at, what, type, of, delta }) =>
        `  ${at}  ${what} ${type} ${of}${delta === null ? '' : ` ${delta.toString()}`}`,
    ),
    ...(one.done.length === 0 ? ['  Nothing was done meanwhile.'] : []),
    ...(one.hasMore ? ['  ... and more'] : []),
  ].join('\n')
