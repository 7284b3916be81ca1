/** One alert of a rule file. */
export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly severity: string
  readonly summary: string
  readonly runbook: string
}

const SHAPE: readonly (readonly [name: keyof AlertRule | undefined, pattern: RegExp])[] = [
  ['alert', /^ {6}- alert: (\w+)$/],
  ['expr', /^ {8}expr: '((?:[^']|'')+)'$/],
  ['for', /^ {8}for: (\d+[smh])$/],
  [undefined, /^ {8}labels:$/],
  ['severity', /^ {10}severity: (page|warn)$/],
  [undefined, /^ {8}annotations:$/],
  ['summary', /^ {10}summary: '((?:[^']|'')+)'$/],
  ['runbook', /^ {10}runbook: (\S+)$/],
]
const HEAD = /^(?:#.*\n)*groups:\n {2}- name: \w+\n {4}rules:\n/

/** Reads a rule file of one group. Throws at anything but the few forms of YAML that ours are written in. */
export const readRules = (text: string): AlertRule[] => {
  const head = HEAD.exec(text)
  if (head === null) throw new Error('The file does not begin with one group.')
  const lines = text.slice(head[0].length).trimEnd().split('\n')
  const rules: AlertRule[] = []
  for (let at = 0; at < lines.length; at += SHAPE.length) {
    const members = SHAPE.flatMap(([name, pattern], offset) => {
      const line = lines[at + offset] ?? ''
      const match = pattern.exec(line)
      if (match === null) throw new Error(`"${line}" is not ${String(pattern)}.`)
      return name === undefined ? [] : [[name, (match[1] ?? '').replaceAll("''", "'")] as const]
    })
    // The shape names every member once.
    rules.push(Object.fromEntries(members) as unknown as AlertRule)
  }
  return rules
}
