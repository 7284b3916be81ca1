import type { Figure, FigureContext, FigureResult } from '../frame/figure.js'
import type { Run } from '../frame/run.js'
import type { OwnWorld } from '../speed/world.js'
import type { Law, Point } from './fit.js'

/** One cost, measured at several sizes of one thing. */
export interface Growth {
  /** Names it for the calculation. */
  readonly key: string
  readonly what: string
  readonly unit: string
  /** What grows: `clients`, `entries`. */
  readonly of: string
  readonly law: Law
  readonly samples: readonly Sample[]
}

/** The rounds at one size. */
export interface Sample {
  readonly x: number
  readonly values: readonly number[]
}

/** What every question is given. */
export interface GrowthContext extends FigureContext {
  readonly world: OwnWorld
  /** The first value, or the second with `--quick`. */
  readonly pick: <T>(full: T, quick: T) => T
}

export interface GrowthResult extends FigureResult {
  readonly growths: readonly Growth[]
}

/** One question: one file of `questions`. */
export interface GrowthFigure extends Figure<GrowthContext> {
  readonly run: (context: GrowthContext) => Promise<GrowthResult>
}

/** The answer to one question with what surrounded it, as it is kept beside the document. */
export interface Kept {
  readonly run: Run
  readonly cores: string
  readonly postgres: string
  readonly seconds: number
  readonly loadBefore: number
  readonly loadAfter: number
  readonly growths: readonly Growth[]
  readonly raw: unknown
}

/** Answers by the name of their question. */
export type Answers = Readonly<Partial<Record<string, Kept>>>

/** Collects values of one cost, size by size. */
export interface GrowthCollector {
  readonly add: (x: number, value: number) => void
  readonly growth: () => Growth
}

export const grow = (
  key: string,
  what: string,
  unit: string,
  of: string,
  law: Law,
): GrowthCollector => {
  const samples = new Map<number, number[]>()
  return {
    add: (x, value) => {
      samples.set(x, [...(samples.get(x) ?? []), value])
    },
    growth: () => ({
      key,
      what,
      unit,
      of,
      law,
      samples: [...samples].map(([x, values]) => ({ x, values })),
    }),
  }
}

/** Every measured value; what was too small for the clock (0) is left out of a fit. */
export const pointsOf = ({ samples }: Growth): Point[] =>
  samples.flatMap(({ x, values }) => values.filter((y) => y > 0).map((y) => ({ x, y })))
