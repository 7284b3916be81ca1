import type { Figure, FigureContext } from '../frame/figure.js'
import type { Rig } from '../frame/rig.js'

/** All security figures are asked of one rig, one after the other. */
export interface SecurityContext extends FigureContext {
  readonly rig: Rig
}

export type SecurityFigure = Figure<SecurityContext>
