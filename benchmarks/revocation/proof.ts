import type { Revocation, RevocationPage } from '@uzima/contracts'
import type { Rig } from '../frame/rig.js'

/** The proof of each revocation, as an administrator asks a node for it, by the user. */
export const readProofs = async (rig: Rig): Promise<ReadonlyMap<string, Revocation>> => {
  const [node] = rig.nodes
  if (node === undefined) throw new Error('There is no node to ask.')
  const token = await node.login()
  const proofs = new Map<string, Revocation>()
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`
    const answer = await node.api(token, 'GET', `/api/revocations?limit=100${query}`)
    // What the contract says of this answer.
    const { revocations, nextCursor } = answer as RevocationPage
    for (const revocation of revocations) proofs.set(revocation.userId, revocation)
    cursor = nextCursor
  } while (cursor !== null)
  return proofs
}

/** Milliseconds from the commit to the acknowledgement of the last node, by the database's clock; undefined where one lacks. */
export const acknowledgedAfterMs = (
  { committedAt, nodes }: Revocation,
  count: number,
): number | undefined => {
  const times = nodes.flatMap(({ acknowledgedAt }) =>
    acknowledgedAt === null ? [] : [Date.parse(acknowledgedAt)],
  )
  return times.length === count ? Math.max(...times) - Date.parse(committedAt) : undefined
}
