/** Size of the drawing in its own units; it is stretched to the width that it gets. */
export const BOX = { width: 600, height: 120 } as const

export interface Lines {
  /** The `d` of the line: a new stroke after each gap. */
  readonly line: string
  /** The `d` of the ground under it. */
  readonly area: string
  /** The height of a value, for lines that mark a limit. */
  readonly heightOf: (value: number) => number
}

/** Draws values in equal steps, the last at the right edge of `steps` steps. A single value between two gaps is a dot. */
export const drawLine = (
  values: readonly (number | null)[],
  { steps, top }: { readonly steps: number; readonly top: number },
): Lines => {
  const heightOf = (value: number): number =>
    round(BOX.height - (Math.min(value, top) / top) * BOX.height)
  const x = (index: number): number =>
    round(((steps - values.length + index) / Math.max(steps - 1, 1)) * BOX.width)
  const runs: (readonly [number, number])[][] = []
  for (const [index, value] of values.entries()) {
    if (value === null) continue
    const point = [x(index), heightOf(value)] as const
    const isNext = index > 0 && values[index - 1] !== null
    if (isNext) runs.at(-1)?.push(point)
    else runs.push([point])
  }
  const strokes = runs.map((points) => {
    const [[startX, startY] = [0, 0], ...others] = points
    // A stroke of no length is drawn as a dot, where its ends are round.
    const to = others.length === 0 ? [[startX, startY] as const] : others
    return {
      line: `M${pair([startX, startY])}L${to.map(pair).join(' ')}`,
      startX,
      endX: others.at(-1)?.[0] ?? startX,
    }
  })
  return {
    line: strokes.map(({ line }) => line).join(''),
    area: strokes
      .map(({ line, startX, endX }) => {
        const ground = BOX.height.toString()
        return `${line}L${endX.toString()},${ground} ${startX.toString()},${ground}Z`
      })
      .join(''),
    heightOf,
  }
}

const pair = ([x, y]: readonly [number, number]): string => `${x.toString()},${y.toString()}`

const round = (value: number): number => Math.round(value * 10) / 10

/** The first of 1, 2, 5, 10, 20, 50... that is not below `value`, so that the scale jumps seldom. */
export const niceTop = (value: number): number => {
  if (!(value > 1)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 5, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10
  return step * power
}
