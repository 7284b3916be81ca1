import type { Found } from './check-folder.js'
import type { FileEvent, Phase } from './events.js'

/** What the store was found to be after a cut, held against what it had promised. */
export interface Verdict {
  readonly acknowledged: number
  readonly opens: boolean
  readonly lost: readonly string[]
  readonly problems: readonly string[]
}

/** What was acknowledged by each event of the record. */
export const createPromises = (
  events: readonly FileEvent[],
): { readonly judge: (at: number, found: Found | Error) => Verdict } => {
  const judge = (at: number, found: Found | Error): Verdict => {
    const versions = new Map<string, number>()
    let acknowledged = 0
    const chained = new Map<string, number>()
    for (const event of events.slice(0, at + 1)) {
      if (event.op !== 'said') continue
      if (event.what.kind === 'acknowledged') {
        versions.set(event.what.sku, event.what.version)
        acknowledged += 1
      } else if (event.what.kind === 'chained') chained.set(event.what.run, event.what.nodeSeq)
    }
    if (found instanceof Error) {
      return { acknowledged, opens: false, lost: [], problems: [found.message] }
    }

    const lost: string[] = []
    for (const [sku, version] of versions) {
      const there = found.versions[sku] ?? 0
      if (there < version) lost.push(`${sku} v${String(version)}, found v${String(there)}`)
    }
    for (const [run, nodeSeq] of chained) {
      const there = found.chained[run] ?? 0
      if (there < nodeSeq) {
        lost.push(`row ${String(nodeSeq)} of a chain, found ${String(there)}`)
      }
    }
    // What was under way may be there or not, but nothing that nobody asked for.
    const next = nextOf(events, at)
    const unasked = Object.entries(found.versions).filter(
      ([sku, version]) =>
        version > (versions.get(sku) ?? 0) && !(next?.sku === sku && next.version === version),
    )
    const problems = unasked.map(([sku, version]) => `${sku} v${String(version)} is nobody's`)
    return { acknowledged, opens: true, lost, problems: [...problems, ...found.problems] }
  }
  return { judge }
}

/** The phase in which each event happened. */
export const phasesOf = (events: readonly FileEvent[]): Phase[] => {
  let phase: Phase = 'opening'
  return events.map((event) => {
    if (event.op === 'said' && event.what.kind === 'phase') phase = event.what.phase
    return phase
  })
}

const nextOf = (events: readonly FileEvent[], at: number) => {
  for (const event of events.slice(at + 1)) {
    if (event.op === 'said' && event.what.kind === 'acknowledged') return event.what
  }
  return undefined
}
