import type { ItemState } from '../clients/replica.js'
import type { Position } from '../history.js'
import type { Random } from '../../rig/random.js'
import type { Rest } from '../../rig/rest.js'
import type { RigNode } from './rig.js'
import type { TokenBook } from './token-book.js'

/** Reads all items over REST from any node, as one page, with the position that it shows. */
export const createSnapshotReader =
  (options: {
    readonly nodes: readonly RigNode[]
    readonly tokens: TokenBook
    readonly rest: Rest
    readonly random: Random
  }) =>
  async (userId: string): Promise<{ position: Position; items: readonly ItemState[] }> => {
    const { nodes, tokens, rest, random } = options
    const answer = await rest({
      url: random.pick(nodes).url,
      method: 'GET',
      path: '/api/inventory?limit=500',
      token: tokens.of(userId).token,
    })
    if (answer.status !== 200) throw new Error(`The snapshot was refused: ${String(answer.status)}`)
    return answer.body as { position: Position; items: readonly ItemState[] }
  }
