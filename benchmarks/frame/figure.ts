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

/** One figure of several servers in the same run, for a table and a chart. */
export interface Comparison {
  readonly what: string
  readonly unit: string
  readonly better: 'less' | 'more'
  /** Helps to judge the others: for the table only. */
  readonly isAside: boolean
  /** By the name of the server, one sample for each round, in the order of the rounds. */
  readonly samples: Readonly<Record<string, readonly number[]>>
}

/** What is neither a goal nor a figure of several servers, such as a curve. */
export interface FigureTable {
  readonly title: string
  /** What a reader must know, as a sentence. */
  readonly remark: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What one question brought to light. */
export interface FigureResult {
  readonly findings: readonly Finding[]
  readonly comparisons?: readonly Comparison[]
  readonly tables?: readonly FigureTable[]
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
