import { revocationPageSchema, revocationSchema, type Revocation } from '@uzima/contracts'
import { Command, InvalidArgumentError } from 'commander'
import { examples } from './examples.js'
import { say, type JsonFlag } from './output.js'
import { createRest } from './rest.js'
import { findAccess, withAccessFlags, type AccessFlags } from './server-access.js'

/** `uzima revocation [seq]`: when a right really ended, node by node. */
export const revocationCommand = (): Command =>
  withAccessFlags(
    new Command('revocation')
      .description('tell when a right really ended: the newest ones, or one by its number')
      .argument('[seq]', 'number of the entry in the log', parseSeq),
  )
    .addHelpText(
      'after',
      examples(
        ['uzima revocation', 'the newest 20'],
        ['uzima revocation 1042', 'which node acted on entry 1042, and when'],
      ),
    )
    .action(async (seq: number | undefined, flags: AccessFlags & JsonFlag) => {
      const { url, getToken } = await findAccess(flags)
      const rest = createRest(url, getToken)
      const revocations =
        seq === undefined
          ? (await rest.request('GET', '/api/revocations?limit=20', revocationPageSchema))
              .revocations
          : [await rest.request('GET', `/api/revocations/${seq.toString()}`, revocationSchema)]
      say(
        flags,
        revocations,
        revocations.length === 0 ? 'No right has ended yet.' : revocations.map(describe).join('\n'),
      )
    })

const describe = ({ seq, ended, userId, actor, committedAt, nodes }: Revocation): string =>
  [
    `${seq.toString()}  ${committedAt}  ${ended}  user ${userId}  by ${actor}`,
    ...nodes.map(
      ({ node, state, acknowledgedAt, appliedAfterMs, socketsClosed, socketsMoved }) =>
        `    ${node}: ${state}` +
        (acknowledgedAt === null
          ? ''
          : ` at ${acknowledgedAt}, ${(appliedAfterMs ?? 0).toString()} ms after the commit, ` +
            `${(socketsClosed ?? 0).toString()} sockets closed, ${(socketsMoved ?? 0).toString()} moved`),
    ),
  ].join('\n')

const parseSeq = (text: string): number => {
  const seq = Number(text)
  if (!Number.isSafeInteger(seq) || seq < 1) {
    throw new InvalidArgumentError('Write the number of an entry, such as 1042.')
  }
  return seq
}
