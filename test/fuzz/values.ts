import fc from 'fast-check'
import type { ApiDocument, Schema } from './document.js'

/** Values that mean something to the server that is asked, by the name of the field that takes them. */
export type Pools = Readonly<Record<string, readonly string[]>>

/** A text for a parameter: one that the server knows, else one that its schema allows. */
export const textOf = (schema: Schema, name: string, pools: Pools): fc.Arbitrary<string> => {
  const pool = pools[name]
  if (pool !== undefined && pool.length > 0) return fc.constantFrom(...pool)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum.map(String))
  if (schema.type === 'integer') return integerOf(schema).map(String)
  return fc.string({
    unit: 'grapheme',
    minLength: 1,
    maxLength: Math.min(schema.maxLength ?? 20, 20),
  })
}

const integerOf = ({ minimum = -9, maximum = Number.MAX_SAFE_INTEGER }: Schema) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: minimum, max: Math.min(maximum, minimum + 30) }) },
    { weight: 1, arbitrary: fc.constantFrom(minimum, maximum) },
  )

/** A value that the schema allows, with known values where there are some of the field's name. */
export const valueOf = (
  given: Schema,
  name: string,
  pools: Pools,
  resolve: ApiDocument['resolve'],
): fc.Arbitrary<unknown> => {
  const schema = resolve(given)
  const { properties, anyOf, required = [] } = schema
  if (anyOf !== undefined) {
    return fc.oneof(...anyOf.map((one) => valueOf(one, name, pools, resolve)))
  }
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (properties !== undefined) {
    return fc.record(
      Object.fromEntries(
        Object.entries(properties).map(([key, one]) => [key, valueOf(one, key, pools, resolve)]),
      ),
      { requiredKeys: [...required] },
    )
  }
  if (schema.type === 'object') {
    return fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  }
  if (schema.type === 'null') return fc.constant(null)
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'integer') return integerOf(schema)
  return textOf(schema, name, pools)
}
