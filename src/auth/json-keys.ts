// Of valid JSON, each token that opens or closes a container, and each string with the colon that makes it a key.
const TOKENS = /[{}[\]]|"(?:[^"\\]|\\.)*"(\s*:)?/g

/**
 * Whether an object in this JSON text, which was parsed to `value`, names a member twice, at any depth. Parsers differ in
 * which of the two counts (RFC 8259 section 4), so what was checked may not be what is used.
 */
export const hasDuplicateKeys = (json: string, value: unknown): boolean =>
  // What is written out again as it came has every member once; so most libraries write a token.
  JSON.stringify(value) !== json && namesTwice(json)

const namesTwice = (json: string): boolean => {
  const open: Set<string>[] = []
  for (const [token, colon] of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (colon !== undefined) {
      // The same name may be written with different escapes.
      const name = String(JSON.parse(token.slice(0, -colon.length)))
      const names = open.at(-1)
      if (names?.has(name) === true) return true
      names?.add(name)
    }
  }
  return false
}
