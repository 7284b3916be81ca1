import type { Revocation } from '@uzima/contracts'
import type { ReactElement, Ref } from 'react'
import { useFormat, useWords } from '../../i18n/use-words.js'
import { Mark, type MarkKind } from '../../ui/mark.js'
import { connectionsWords } from '../connections/connections-words.js'
import { PolledNotice } from '../polled-notice.js'
import type { Polled } from '../use-polled.js'
import { proofOf } from './proof.js'
import { usersWords } from './users-words.js'

/** When rights of one user really ended, server by server; newest first, as the answers come in. */
export const Proofs = ({
  proofs,
  heading,
}: {
  readonly proofs: Polled<readonly Revocation[]>
  /** Takes the focus when a right has ended. */
  readonly heading?: Ref<HTMLHeadingElement>
}): ReactElement => {
  const words = useWords(usersWords)
  const { stale } = useWords(connectionsWords)
  return (
    <section className="card" aria-labelledby="proofs">
      <h2 id="proofs" ref={heading} tabIndex={-1}>
        {words.proofs}
      </h2>
      <p className="muted small">{words.proofsDetail}</p>
      <PolledNotice polled={proofs} failed={words.notListed} stale={stale} />
      {proofs.value?.length === 0 && <p>{words.noProofs}</p>}
      <ol className="proofs">
        {proofs.value?.map((revocation) => (
          <li key={revocation.seq} data-proof={revocation.seq}>
            <Proof revocation={revocation} />
          </li>
        ))}
      </ol>
    </section>
  )
}

const Proof = ({ revocation }: { readonly revocation: Revocation }): ReactElement => {
  const words = useWords(usersWords)
  const format = useFormat()
  const { ended, actor, committedAt, nodes } = revocation
  const known: Readonly<Record<string, string>> = words.ended
  const names = ended.split(', ').map((one) => known[one] ?? words.endedOther)
  return (
    <>
      <p className="strong">{format.list([...new Set(names)])}</p>
      <p className="muted small">{words.by(actor, format.moment(committedAt))}</p>
      <Summary revocation={revocation} />
      <ul className="proof-nodes">
        {nodes.map((node) => (
          <li key={node.node}>
            <Mark kind={MARKS[node.state]}>{words.node[node.state]}</Mark>
            <span className="strong">{node.node}</span>
            <span className="small">
              {[
                ...(node.socketsClosed ? [words.closed(node.socketsClosed)] : []),
                ...(node.socketsMoved ? [words.moved(node.socketsMoved)] : []),
                ...(node.appliedAfterMs === null ? [] : [words.after(node.appliedAfterMs)]),
              ].join(' · ')}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

const MARKS: Readonly<Record<Revocation['nodes'][number]['state'], MarkKind>> = {
  acknowledged: 'good',
  waiting: 'pending',
  silent: 'low',
  ended: 'plain',
}

const Summary = ({ revocation }: { readonly revocation: Revocation }): ReactElement => {
  const words = useWords(usersWords)
  const proof = proofOf(revocation)
  switch (proof.state) {
    case 'waiting':
      return <p role="status">{words.waiting(proof.count)}</p>
    case 'silent':
      return <p role="status">{words.silent(proof.count)}</p>
    case 'proven':
      return <p role="status">{words.proven(proof.slowestMs)}</p>
    case 'stopped':
      return <p role="status">{words.provenRest}</p>
    case 'nobody':
      return <p role="status">{words.provenNobody}</p>
  }
}
