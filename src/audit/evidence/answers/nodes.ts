import type { ConnectionLine } from '../lines.js'
import { isKind, objectOf, type Fact } from './facts.js'

/** A run of a node, as far as evidence tells. */
export interface Node {
  readonly run: string
  readonly name: string
  readonly startedAt: string
  /** What its chain of connections says last, whoever wrote it. */
  readonly lastAt: string
  /** More than one where it was taken for dead and came back. */
  readonly ends: readonly NodeEnd[]
  /** Roles that it gave the feed of items to. All of them where it did not say: a version before this record. */
  readonly feed: '*' | ReadonlySet<string>
}

export interface NodeEnd {
  /** When it, or another node for it, noted its end. */
  readonly at: string
  /** Its own last sign of life. */
  readonly lastSignAt: string
}

export interface Nodes {
  readonly onFact: (fact: Fact) => void
  readonly onConnection: (row: ConnectionLine) => void
  readonly all: () => readonly Node[]
  /** Those that had begun by the moment and had not ended. */
  readonly atWork: (moment: Date) => readonly Node[]
}

/** Gathers runs of nodes in whatever order they come. */
export const createNodes = (): Nodes => {
  const runs = new Map<string, { -readonly [Key in keyof Node]: Node[Key] }>()
  const runOf = (run: string) => {
    const known = runs.get(run)
    if (known !== undefined) return known
    const made = { run, name: run, startedAt: '', lastAt: '', ends: [], feed: '*' as const }
    runs.set(run, made)
    return runs.get(run) ?? made
  }
  return {
    onFact(fact) {
      if (isKind(fact, 'node')) {
        const node = runOf(fact.ref)
        node.name = String(fact.fields.name)
        node.startedAt = String(fact.fields.startedAt)
      } else if (isKind(fact, 'node_rules')) {
        const { inventoryUpdateRoles: roles } = objectOf(fact.fields.rules)
        if (Array.isArray(roles)) runOf(fact.ref).feed = new Set(roles.map(String))
      } else if (isKind(fact, 'node_end')) {
        const node = runOf(fact.ref.split(':')[0] ?? '')
        const end = { at: String(fact.fields.endedAt), lastSignAt: String(fact.fields.lastSignAt) }
        node.ends = [...node.ends, end]
      }
    },
    onConnection({ nodeRun, node: name, at: exactAt }) {
      // To the millisecond and without the Z, so that it compares with what is told to the microsecond.
      const at = exactAt.slice(0, 23)
      const node = runOf(nodeRun)
      // Retention removes the row of a run, and its chain tells of it still.
      if (node.startedAt === '') Object.assign(node, { name, startedAt: at })
      if (at > node.lastAt) node.lastAt = at
    },
    all: () => [...runs.values()],
    atWork: (moment) => {
      const last = moment.toISOString().replace('Z', '999Z')
      return [...runs.values()].filter(
        ({ startedAt, ends, lastAt }) =>
          startedAt !== '' &&
          startedAt <= last &&
          // A run that was taken for dead may come back: then its chain goes on.
          !ends.some(({ at }) => at <= last && lastAt <= at),
      )
    },
  }
}
