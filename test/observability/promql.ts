import { parser } from '@prometheus-io/lezer-promql'

/** What an expression asks of the metrics. */
export interface Query {
  readonly selectors: readonly Selector[]
  /** Labels that it groups or joins by. */
  readonly groupings: readonly string[]
}

export interface Selector {
  readonly metric: string
  readonly labels: readonly { readonly name: string; readonly op: string; readonly value: string }[]
}

/** Reads an expression as Prometheus does; throws where it would refuse it. */
export const parseQuery = (expression: string): Query => {
  const selectors: { metric: string; labels: Selector['labels'][number][] }[] = []
  const groupings: string[] = []
  const text = (node: { readonly from: number; readonly to: number }): string =>
    expression.slice(node.from, node.to)
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError) {
        throw new Error(`${expression} is no PromQL from "${expression.slice(node.from)}" on.`)
      }
      const parent = node.node.parent?.name
      if (node.name === 'Identifier' && parent === 'VectorSelector') {
        selectors.push({ metric: text(node), labels: [] })
      }
      if (node.name === 'LabelName' && parent === 'GroupingLabels') groupings.push(text(node))
      if (node.name === 'UnquotedLabelMatcher') {
        const [, name = '', op = '', value = ''] =
          /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(text(node)) ?? []
        selectors.at(-1)?.labels.push({ name, op, value })
      }
    },
  })
  return { selectors, groupings }
}

/** Series by the name of their metric, as an exposition text has them. */
export const readExposition = (text: string): Map<string, Record<string, string>[]> => {
  const series = new Map<string, Record<string, string>[]>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? []
    if (name === undefined) throw new Error(`"${line}" is no sample.`)
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
    series.set(name, [
      ...(series.get(name) ?? []),
      Object.fromEntries(pairs.map(([, key, value]) => [key ?? '', value ?? ''])),
    ])
  }
  return series
}
