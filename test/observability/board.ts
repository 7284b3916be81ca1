import { z } from 'zod'

const targetSchema = z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })
const panelSchema = z.object({
  id: z.int(),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(1),
  description: z.string().min(1).optional(),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  targets: z.array(targetSchema).optional(),
})
const boardSchema = z.object({
  title: z.string(),
  uid: z.string(),
  schemaVersion: z.int(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(panelSchema),
})
export type Panel = z.infer<typeof panelSchema>

export const readBoard = (text: string) => boardSchema.parse(JSON.parse(text))

/** An expression as Grafana sends it, its variables filled in. */
export const filledIn = (expression: string): string =>
  expression.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*')

/** Panels that lie on each other, or beside the board. */
export const misplaced = (panels: readonly Panel[]): string[] => {
  const taken = new Set<string>()
  return panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
    const cells = Array.from(
      { length: w * h },
      (_, i) => `${(x + (i % w)).toString()},${(y + Math.floor(i / w)).toString()}`,
    )
    const isFree = x + w <= 24 && cells.every((cell) => !taken.has(cell))
    for (const cell of cells) taken.add(cell)
    return isFree ? [] : [title]
  })
}
