import type { Fields } from '../leaf.js'
import { isKind, objectOf, type Fact } from './facts.js'

/** A role that somebody was given for a time, with what became of it. */
export interface Granted {
  readonly grant: Fact<'grant'>
  /** When the log had it begin and end; null where it has not. */
  begunAt: Fields[number]
  endedAt: Fields[number]
  /** Its fields as they were changed last, such as `valid_until` and `reviewed_by`. */
  readonly now: Record<string, unknown>
}

/** Gathers grants, their edges and their changes, in whatever order they come. */
export interface Grants {
  readonly onFact: (fact: Fact) => void
  readonly all: () => readonly Granted[]
}

export const createGrants = (): Grants => {
  const facts = new Map<string, Fact<'grant'>>()
  const edges: Fact<'grant_edge'>[] = []
  const changes = new Map<string, Record<string, unknown>>()

  const all = (): Granted[] => {
    const grants = new Map<string, Granted>()
    for (const [id, grant] of facts) {
      grants.set(id, { grant, begunAt: null, endedAt: null, now: changes.get(id) ?? {} })
    }
    for (const { ref, fields } of edges) {
      const [id = '', edge] = ref.split(':')
      const granted = grants.get(id)
      if (granted === undefined) continue
      if (edge === 'begin') granted.begunAt = fields.at
      else granted.endedAt = fields.dueAt
    }
    return [...grants.values()]
  }

  return {
    onFact(fact) {
      if (isKind(fact, 'grant')) facts.set(fact.ref, fact)
      else if (isKind(fact, 'grant_edge')) edges.push(fact)
      else if (isKind(fact, 'record_change') && fact.fields.record === 'role_grants') {
        const id = String(fact.fields.key)
        const after = { ...objectOf(fact.fields.after), ...objectOf(fact.texts.personalAfter) }
        changes.set(id, { ...changes.get(id), ...after })
      }
    },
    all,
  }
}
