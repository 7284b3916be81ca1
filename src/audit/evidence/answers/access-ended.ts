import { isKind, type Answer, type AnswerRow, type Fact } from './facts.js'
import { createNodes } from './nodes.js'
import { createPeople } from './people.js'

interface Ending {
  readonly fact: Fact<'revocation'>
  readonly acks: Fact<'revocation_ack'>[]
}

/**
 * When the access of a user (by id or name) ended, by whom, and what each node said about it: one row for each node that answered,
 * and one without an answer for each that was at work and did not. Where `nodeEndedAt` says so, it is no more since.
 */
export const accessEnded = (user: string): Answer => {
  const people = createPeople()
  const nodes = createNodes()
  const endings = new Map<string, Ending>()

  return {
    onConnection: nodes.onConnection,
    onFact(fact) {
      people.onFact(fact)
      nodes.onFact(fact)
      if (isKind(fact, 'revocation')) {
        if (people.isCalled(String(fact.fields.userId), user)) {
          endings.set(fact.ref, { fact, acks: [] })
        }
      } else if (isKind(fact, 'revocation_ack')) {
        endings.get(fact.ref.split(':')[0] ?? '')?.acks.push(fact)
      }
    },
    rows: () =>
      [...endings.values()].flatMap(({ fact, acks }): AnswerRow[] => {
        const { ended, committedAt, userId } = fact.fields
        const what = {
          user: people.nameOf(String(userId)),
          ended,
          committedAt,
          by: fact.texts.actor,
          leaf: fact.n,
        }
        const answered = acks.map((ack) => ({
          run: ack.ref.split(':')[1] ?? '',
          ackedAt: ack.fields.ackedAt,
          appliedAfterMs: Number(ack.fields.appliedAfterMs),
          socketsClosed: ack.fields.socketsClosed,
          ackLeaf: ack.n,
        }))
        const runs = nodes.all()
        const silent = runs.filter(
          ({ run, startedAt, lastAt, ends }) =>
            startedAt !== '' &&
            startedAt <= String(committedAt) &&
            (lastAt > String(committedAt) || ends.some(({ at }) => at > String(committedAt))) &&
            // Nobody else notes an end of a run that gave a sign of life later.
            !ends.some(({ at, lastSignAt }) => lastSignAt <= String(committedAt) && lastAt <= at) &&
            !answered.some((one) => one.run === run),
        )
        const all: AnswerRow[] = [
          ...answered.map(({ run, ...rest }) => ({
            ...what,
            node: runs.find((one) => one.run === run)?.name ?? run,
            ...rest,
            nodeEndedAt: null,
          })),
          ...silent.map(({ name, ends }) => ({
            ...{ ...what, node: name, ...NO_ANSWER },
            nodeEndedAt: ends.find(({ at }) => at > String(committedAt))?.at ?? null,
          })),
        ]
        return all.length === 0 ? [{ ...what, node: null, ...NO_ANSWER, nodeEndedAt: null }] : all
      }),
  }
}

const NO_ANSWER = { ackedAt: null, appliedAfterMs: null, socketsClosed: null, ackLeaf: null }
