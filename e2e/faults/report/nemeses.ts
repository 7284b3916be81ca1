import { endingsOf } from '../checker/closing.js'
import type { Facts } from '../checker/facts.js'
import { summarise, type Summary } from '../../rig/statistics.js'

/** What one kind of fault did in a run. */
export interface NemesisFigures {
  readonly times: number
  /** From the end of the fault until all was well again; faults after which nobody looked do not count. */
  readonly recoveryMs: Summary
  /** Sessions that ended from the begin of the fault until all was well, by code or the way they were lost. */
  readonly endings: Readonly<Record<string, number>>
  /** Those of them that nothing excuses. */
  readonly wrong: number
}

const BETWEEN = 'between faults'

/** By kind of fault, with what ended while nothing was broken. */
export const nemesesOf = (facts: Facts): Record<string, NemesisFigures> => {
  const { faults, history } = facts
  const recovery = new Map<number, number>()
  for (const record of history.records) {
    if (record.op === 'recovered') recovery.set(record.id, record.afterMs)
  }
  if (recovery.size === 0) return {}
  const endings = endingsOf(facts).map((ending) => ({
    ...ending,
    kind:
      faults.findLast(({ start, end, recoveredAt }) => {
        return start <= ending.t && ending.t <= (recoveredAt ?? end)
      })?.kind ?? BETWEEN,
  }))
  const kinds = [...new Set(faults.map(({ kind }) => kind)), BETWEEN].sort()
  return Object.fromEntries(
    kinds.map((kind) => {
      const own = faults.filter((fault) => fault.kind === kind)
      const ended = endings.filter((ending) => ending.kind === kind)
      const codes: Record<string, number> = {}
      for (const { code } of ended) codes[code] = (codes[code] ?? 0) + 1
      return [
        kind,
        {
          times: own.length,
          recoveryMs: summarise(own.flatMap(({ id }) => recovery.get(id) ?? [])),
          endings: codes,
          wrong: ended.filter(({ excuse }) => excuse === undefined).length,
        },
      ]
    }),
  )
}

/** The table of what each kind did, in Markdown; nothing where the run looked after no fault. */
export const nemesisLines = (nemeses: Readonly<Record<string, NemesisFigures>>): string[] => {
  if (Object.keys(nemeses).length === 0) return []
  return [
    '| nemesis | times | all well again, p50 / max | sessions ended, by code | of them wrongly |',
    '|---|---|---|---|---|',
    ...Object.entries(nemeses).map(([kind, { times, recoveryMs, endings, wrong }]) => {
      const codes = Object.entries(endings).map(([code, count]) => `${code} ${String(count)}`)
      const again =
        recoveryMs.count === 0 ? '' : `${inSeconds(recoveryMs.p50)} / ${inSeconds(recoveryMs.max)}`
      return `| ${kind} | ${String(times)} | ${again} | ${codes.join(', ')} | ${String(wrong)} |`
    }),
    '',
  ]
}

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
