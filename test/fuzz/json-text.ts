/** The places in a JSON value that can be replaced, the value itself last. */
export const leavesOf = (value: unknown): string[][] =>
  typeof value === 'object' && value !== null
    ? [
        ...Object.entries(value).flatMap(([key, member]) =>
          leavesOf(member).map((path) => [key, ...path]),
        ),
        [],
      ]
    : [[]]

export interface JsonText {
  readonly text: string
  readonly replaced: (path: readonly string[], raw: string) => JsonText
}

/** A JSON value as text, in which a place can be given any text. */
export const jsonText = (value: unknown, raws: readonly string[] = []): JsonText => ({
  text: raws.reduce(
    (text, raw, index) => text.replace(JSON.stringify(markOf(index)), () => raw),
    JSON.stringify(value),
  ),
  replaced: (path, raw) => jsonText(withAt(value, path, markOf(raws.length)), [...raws, raw]),
})

const markOf = (index: number): string => `@@raw${index.toString()}@@`

const withAt = (value: unknown, path: readonly string[], put: unknown): unknown => {
  const [key, ...rest] = path
  if (key === undefined) return put
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(
    ([name, member]) =>
      [name, name === key ? withAt(member, rest, put) : (member as unknown)] as const,
  )
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members)
}
