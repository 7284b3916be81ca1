import type { ConnectionLine } from '../lines.js'
import { isKind, type Answer, type AnswerRow, type Fact } from './facts.js'
import { createPeople } from './people.js'

interface Node {
  readonly name: string
  readonly startedAt: string
  lastAt: string
}

interface Ending {
  readonly fact: Fact<'revocation'>
  readonly acks: Fact<'revocation_ack'>[]
}

/**
 * When the access of a user (by id or name) ended, by whom, and what each node said about it: one row for each node that answered,
 * and one without an answer for each that was at work before and after and did not.
 */
export const accessEnded = (user: string): Answer => {
  const people = createPeople()
  const nodes = new Map<string, Node>()
  const endings = new Map<string, Ending>()

  const onConnection = ({ nodeRun, node, at }: ConnectionLine): void => {
    const known = nodes.get(nodeRun)
    if (known === undefined) nodes.set(nodeRun, { name: node, startedAt: at, lastAt: at })
    else if (at > known.lastAt) known.lastAt = at
  }

  return {
    onConnection,
    onFact(fact) {
      people.onFact(fact)
      if (isKind(fact, 'node')) {
        const startedAt = String(fact.fields.startedAt)
        nodes.set(fact.ref, {
          name: String(fact.fields.name),
          startedAt,
          lastAt: nodes.get(fact.ref)?.lastAt ?? startedAt,
        })
      } else if (isKind(fact, 'revocation')) {
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
        const silent = [...nodes].filter(
          ([run, { startedAt, lastAt }]) =>
            startedAt <= String(committedAt) &&
            lastAt > String(committedAt) &&
            !answered.some((one) => one.run === run),
        )
        const all: AnswerRow[] = [
          ...answered.map(({ run, ...rest }) => ({
            ...what,
            node: nodes.get(run)?.name ?? run,
            ...rest,
          })),
          ...silent.map(([, { name }]) => ({ ...what, node: name, ...NO_ANSWER })),
        ]
        return all.length === 0 ? [{ ...what, node: null, ...NO_ANSWER }] : all
      }),
  }
}

const NO_ANSWER = { ackedAt: null, appliedAfterMs: null, socketsClosed: null, ackLeaf: null }
