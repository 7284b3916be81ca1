/** The figures of measurements beside the fault runs, as `npm run figures:reliability` keeps them. */
export interface MeasuredFigures {
  readonly form: 'figures'
  readonly date: string
  readonly command: string
  readonly machine: string
  readonly measurements: readonly {
    readonly name: string
    readonly seconds: number
    readonly loadBefore: number
    readonly loadAfter: number
    readonly findings: readonly {
      readonly figure: string
      readonly goal: string
      readonly measured: string
      readonly met: boolean
      readonly remark?: string
    }[]
  }[]
}

/** The table of what was measured, and how each can be repeated; of each measurement the newest, given oldest first. */
export const measurementLines = (all: readonly MeasuredFigures[]): string[] => {
  const newest = new Map(
    all.flatMap((figures) =>
      figures.measurements.map((measurement) => [measurement.name, { figures, measurement }]),
    ),
  )
  if (newest.size === 0) return []
  const kept = [...newest.values()]
  return [
    '## Goals and what was measured',
    '',
    '| figure | goal | measured | |',
    '|---|---|---|---|',
    ...kept.flatMap(({ measurement: { findings } }) =>
      findings.map(({ figure, goal, measured, met, remark }) => {
        const told = remark === undefined ? measured : `${measured}. ${remark}`
        const cells = [figure, goal, told].map((text) => text.replaceAll('|', '\\|'))
        return `| ${cells.join(' | ')} | ${met ? 'met' : '**missed**'} |`
      }),
    ),
    '',
    ...kept.map(({ figures: { command, date, machine }, measurement }) => {
      const { name, seconds, loadBefore, loadAfter } = measurement
      const load = `load average ${loadBefore.toFixed(1)} before, ${loadAfter.toFixed(1)} after`
      return `- ${name}: \`${command}\`, ${date} UTC, ${machine}, ${String(Math.round(seconds))} s, ${load}.`
    }),
    '',
  ]
}
