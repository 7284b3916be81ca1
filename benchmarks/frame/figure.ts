import type { Random } from '../../e2e/rig/random.js'

/** One line of the table: what was promised and what was seen. */
export interface Finding {
  readonly figure: string
  readonly goal: string
  readonly measured: string
  readonly met: boolean
  /** Why it was missed, or what a reader must know to judge it. */
  readonly remark?: string
}

/** What one question brought to light. */
export interface FigureResult {
  readonly findings: readonly Finding[]
  /** Everything that was counted, for the JSON beside the table. */
  readonly raw: unknown
}

/** What every measurement is given; a suite may add what its measurements share. */
export interface FigureContext {
  readonly random: Random
  /** `full`, or about a twentieth of it, at least `least`. */
  readonly sized: (full: number, least?: number) => number
}

/** One question: its short name, for `--only`, and the run that answers it. */
export interface Figure<Context extends FigureContext = FigureContext> {
  readonly name: string
  readonly run: (context: Context) => Promise<FigureResult>
}
