import type { Comparison, Figure, FigureContext, FigureResult } from '../frame/figure.js'
import type { Running, SubjectName } from './subjects/subject.js'
import type { OwnWorld, World } from './world.js'

/** What every question is given. */
export interface SpeedContext extends FigureContext {
  readonly world: World & Pick<OwnWorld, 'postgresPid'>
  /** The first value, or the second with `--quick`. */
  readonly pick: <T>(full: T, quick: T) => T
  /** Starts those of the subjects that can be had here; all end with the returned object. */
  readonly start: (names: readonly SubjectName[]) => Promise<Started>
}

export interface Started extends AsyncDisposable {
  readonly all: readonly Running[]
}

/** One question: one file of `questions`. */
export type SpeedFigure = Figure<SpeedContext>
export type SpeedResult = FigureResult & { readonly comparisons: readonly Comparison[] }
