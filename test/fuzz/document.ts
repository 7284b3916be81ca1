import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

/** A JSON Schema, as far as values are made from it. */
export interface Schema {
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}

interface DocumentedOperation {
  readonly operationId: string
  readonly parameters?: readonly {
    readonly in: 'query' | 'path' | 'header'
    readonly name: string
    readonly required: boolean
    readonly schema: Schema
  }[]
  readonly requestBody?: Required<Content> & { readonly required: boolean }
  readonly responses: Readonly<Record<string, Content>>
}

/** What `/docs/openapi.json` gives. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** One operation of the document. */
export interface Operation extends DocumentedOperation {
  readonly method: string
  readonly path: string
}

/** What came back. */
export interface Answer {
  readonly status: number
  /** The media type, without parameters; empty where there is none. */
  readonly type: string
  readonly body: string
}

export interface ApiDocument {
  readonly operations: readonly Operation[]
  readonly resolve: (schema: Schema) => Schema
  /** What is wrong with an answer to `operation`; undefined where the document declares it. */
  readonly objection: (operation: Operation, answer: Answer) => string | undefined
}

/** Reads the document: its operations, and what it says of their answers. */
export const readDocument = (document: OpenApi): ApiDocument => {
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: false }))
  ajv.addSchema({ $id: 'api:/', ...document })
  const validators = new Map<string, ValidateFunction>()

  const validatorOf = (pointer: string): ValidateFunction => {
    const known = validators.get(pointer)
    if (known !== undefined) return known
    const made = ajv.compile({ $ref: `api:/#${pointer}` })
    validators.set(pointer, made)
    return made
  }

  const objection: ApiDocument['objection'] = ({ method, path, responses }, answer) => {
    const { status, type, body } = answer
    const explicit = responses[status.toString()]
    if (status >= 500 && explicit === undefined) return 'is a failure of the server'
    const key = explicit === undefined ? 'default' : status.toString()
    const declared = responses[key]
    if (declared === undefined || (key === 'default' && status < 400)) return 'is not declared'
    if (declared.content === undefined) {
      return body === '' ? undefined : 'has a body where none is declared'
    }
    if (declared.content[type] === undefined) return `has the media type "${type}"`
    const pointer = ['paths', path, method, 'responses', key, 'content', type, 'schema']
    const value: unknown = type.endsWith('json') ? parsed(body) : body
    const validate = validatorOf(pointer.map((part) => `/${escaped(part)}`).join(''))
    if (!validate(value)) return `is not as declared: ${ajv.errorsText(validate.errors)}`
    if (key === 'default' && (value as { status?: unknown }).status !== status) {
      return 'tells another status in its body'
    }
    return undefined
  }

  return {
    operations: Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
    ),
    resolve: (schema) => {
      const name = schema.$ref?.split('/').at(-1)
      return name === undefined ? schema : (document.components.schemas[name] ?? {})
    },
    objection,
  }
}

/** A part of a JSON pointer in an address. */
const escaped = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
