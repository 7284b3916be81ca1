import type { Revocation } from '@uzima/contracts'

/** What the nodes' answers prove together. */
export type ProofState =
  /** Answers are still on their way. */
  | { readonly state: 'waiting'; readonly count: number }
  /** A node that gives no answer closes all its sockets by itself. */
  | { readonly state: 'silent'; readonly count: number }
  /** Every node has acted, the last after so many ms. */
  | { readonly state: 'proven'; readonly slowestMs: number }
  /** Every node has acted or was stopped, and with it its sockets. */
  | { readonly state: 'stopped' }
  | { readonly state: 'nobody' }

export const proofOf = ({ nodes }: Revocation): ProofState => {
  const count = (state: Revocation['nodes'][number]['state']): number =>
    nodes.filter((node) => node.state === state).length
  if (nodes.length === 0) return { state: 'nobody' }
  if (count('waiting') > 0) return { state: 'waiting', count: count('waiting') }
  if (count('silent') > 0) return { state: 'silent', count: count('silent') }
  if (count('ended') > 0) return { state: 'stopped' }
  return {
    state: 'proven',
    slowestMs: Math.max(...nodes.map(({ appliedAfterMs }) => appliedAfterMs ?? 0)),
  }
}

/** Whether more will come: the page asks again soon. */
export const isOpen = (revocation: Revocation): boolean =>
  ['waiting', 'silent'].includes(proofOf(revocation).state)
