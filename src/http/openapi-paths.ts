import { STATUS_CODES } from 'node:http'

interface BodySchema {
  readonly anyOf?: readonly { readonly type?: string }[]
}

interface Operation {
  readonly operationId?: string
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: BodySchema }>>
  }
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}

/** The `paths` of an OpenAPI document, as far as they are looked at here. */
export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

/** Names each operation by method and path, each answer by its status, and marks bodies that may be left out. */
export const nameOperations = (paths: Paths): Paths =>
  mapValues(paths, (methods, path) =>
    mapValues(methods, (operation, method) => ({
      ...operation,
      operationId: operationId(method, path),
      ...(operation.requestBody === undefined
        ? {}
        : {
            requestBody: { ...operation.requestBody, required: !isNullable(operation.requestBody) },
          }),
      responses: mapValues(operation.responses, (response, status) => ({
        ...response,
        description: STATUS_CODES[status] ?? response.description,
      })),
    })),
  )

/** Leaves of `components.schemas` those that `paths` lead to: not events, nor unused halves of input and output. */
export const prune = <C extends { readonly schemas?: object }>(
  paths: Paths,
  components: C | undefined,
) => {
  const all: Readonly<Record<string, unknown>> = { ...components?.schemas }
  const kept = new Set<string>()
  const visit = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(SCHEMA_REFERENCE)) {
      if (kept.has(name)) continue
      kept.add(name)
      visit(all[name] ?? {})
    }
  }
  visit(paths)
  const schemas = Object.fromEntries(Object.entries(all).filter(([name]) => kept.has(name)))
  return { ...components, schemas }
}

const SCHEMA_REFERENCE = /"#\/components\/schemas\/([^"]+)"/g

/** `getInventorySkuMovements` for `GET /api/inventory/{sku}/movements`. */
const operationId = (method: string, path: string): string =>
  method +
  path
    .replace(/^\/api/, '')
    .replace(/[^A-Za-z0-9]+(.|$)/g, (_match, letter: string) => letter.toUpperCase())

const isNullable = ({ content }: NonNullable<Operation['requestBody']>): boolean =>
  Object.values(content).some(({ schema }) => schema.anyOf?.some(({ type }) => type === 'null'))

const mapValues = <V, W>(
  record: Readonly<Record<string, V>>,
  map: (value: V, key: string) => W,
): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
