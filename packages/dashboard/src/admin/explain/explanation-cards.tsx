import type { Explanation } from '@uzima/contracts'
import type { ReactElement } from 'react'
import { commonWords } from '../../i18n/common-words.js'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { Mark, type MarkKind } from '../../ui/mark.js'
import { Card } from '../../ui/surfaces.js'
import { codeWords } from '../log/code-words.js'
import { logWords } from '../log/log-words.js'
import { explainWords } from './explain-words.js'

/** The verdict as a sentence, then what it rests on: rights, and each connection in its order. */
export const ExplanationCards = ({ answer }: { readonly answer: Explanation }): ReactElement => {
  const words = useWords(explainWords)
  const common = useWords(commonWords)
  const format = useFormat()
  const { entry, user, verdict, reason, roles, deliveries } = answer
  return (
    <div className="stack" role="status">
      <Card title={words.answer}>
        <p className="strong">{words.verdicts[verdict](user.username ?? user.id)}</p>
        <p>{words.reasons[reason]}</p>
        <dl className="facts explain-facts">
          <dt>{words.entry}</dt>
          <dd>
            {entry.seq} · {entry.name} {entry.ref ?? ''} · {format.moment(entry.at)}
          </dd>
          <dt>{words.rights}</dt>
          <dd>
            {roles.length === 0 && words.none}
            {roles.map((held) => (
              <p key={held.role}>
                <span className="strong">{common.roles[held.role]}</span>{' '}
                {[
                  words.since(format.moment(held.since)),
                  ...(held.until === undefined ? [] : [words.until(format.moment(held.until))]),
                  ...(held.by === null ? [] : [words.by(held.by)]),
                  ...(held.grant === undefined
                    ? []
                    : [held.grant.kind === 'break_glass' ? words.broken : words.granted]),
                  ...(held.allows ? [words.receives] : []),
                ].join(', ')}
              </p>
            ))}
          </dd>
        </dl>
      </Card>
      <Card title={words.connections}>
        {deliveries.length === 0 && <p className="muted">{words.noConnections}</p>}
        {deliveries.map((one) => (
          <Timeline key={`${one.node} ${one.socketId}`} delivery={one} madeAt={entry.at} />
        ))}
      </Card>
      <details>
        <summary>{words.details}</summary>
        <p className="small">{answer.because}</p>
        <p className="small">{answer.sentence}</p>
      </details>
    </div>
  )
}

/** One connection, in the order in which it happened. */
const Timeline = ({
  delivery,
  madeAt,
}: {
  readonly delivery: Explanation['deliveries'][number]
  readonly madeAt: string
}): ReactElement => {
  const words = useWords(explainWords)
  const codes = useWords(codeWords)
  const { other } = useWords(logWords)
  const format = useFormat()
  const { connectedAt, writtenAt, appliedAt, closedAt, code, node, outcome, reason } = delivery
  const times = [
    [words.made, madeAt],
    [words.connected, connectedAt],
    [words.written, writtenAt],
    [words.applied, appliedAt],
    [code === undefined ? words.closed : `${words.closed}: ${codes[code] ?? other}`, closedAt],
  ] as const
  const known = times.flatMap(([what, at]) => (at === undefined ? [] : [{ what, at }]))
  known.sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
  return (
    <section className="stack-tight">
      <p>
        <Mark kind={OUTCOMES[outcome]}>{node}</Mark> {words.reasons[reason]}
      </p>
      <ol className="proof-nodes">
        {known.map(({ what, at }) => (
          <li key={what}>
            <span className="small">{format.moment(at)}</span>{' '}
            <span className="muted small">{what}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}

const OUTCOMES: Readonly<Record<Explanation['deliveries'][number]['outcome'], MarkKind>> = {
  applied: 'good',
  written: 'good',
  not_allowed: 'out',
  in_snapshot: 'plain',
  ended: 'low',
  unknown: 'pending',
}
