import { ROLES, type Role } from '@uzima/contracts'
import fc from 'fast-check'
import type { ApiDocument, Operation } from './document.js'
import { hostileJson, hostileText } from './hostile.js'
import { jsonText, leavesOf, type JsonText } from './json-text.js'
import { textOf, valueOf, type Pools } from './values.js'

/** Who asks; `nobody` has no token, `stranger` one that is none. */
export type Caller = Role | 'nobody' | 'stranger'

/** One request, with nothing left to chance. */
export interface FuzzRequest {
  readonly caller: Caller
  readonly method: string
  /** Encoded as it goes over the wire. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: string | undefined
}

type Place = readonly ['query' | 'path' | 'header', string] | readonly ['body', ...string[]]

/** What is made of a valid request: nothing, mostly one value in it, or its shape. */
interface Attack {
  readonly leaf: number
  readonly text: string
  readonly json: string
}

/** Requests to `operation`: valid for the document, and in most cases one thing about them that is not. */
export const requestsTo = (
  { resolve }: Pick<ApiDocument, 'resolve'>,
  operation: Operation,
  pools: Pools,
): fc.Arbitrary<FuzzRequest> => {
  const parameters = (operation.parameters ?? []).map((parameter) => ({
    parameter,
    value: optional(
      parameter.required,
      textOf(parameter.schema, nameIn(operation, parameter.name), pools),
    ),
  }))
  const bodySchema = operation.requestBody?.content['application/json']?.schema
  const body =
    bodySchema === undefined
      ? fc.constant(undefined)
      : optional(operation.requestBody?.required === true, valueOf(bodySchema, '', pools, resolve))

  return fc
    .record({
      caller: callers,
      values: fc.tuple(...parameters.map(({ value }) => value)),
      body,
      attacks: fc.oneof(
        { weight: 3, arbitrary: fc.constant<Attack[]>([]) },
        { weight: 6, arbitrary: fc.array(attack, { minLength: 1, maxLength: 1 }) },
        { weight: 1, arbitrary: fc.array(attack, { minLength: 2, maxLength: 4 }) },
      ),
      twist,
    })
    .map(({ caller, values, body: json, attacks, twist: { headers, query, media } }) => {
      const given = parameters.flatMap(({ parameter }, index) => {
        const value = values[index]
        return value === undefined ? [] : [{ ...parameter, value }]
      })
      const places: Place[] = [
        ...given.map((one) => [one.in, one.name] as const),
        ...(json === undefined ? [] : leavesOf(json).map((path) => ['body', ...path] as const)),
      ]
      const hit = attacks.flatMap((one) => {
        const place = places[one.leaf % Math.max(places.length, 1)]
        return place === undefined ? [] : [{ place, ...one }]
      })
      const textAt = (where: string, name: string, value: string): string =>
        hit.find(({ place }) => place[0] === where && place[1] === name)?.text ?? value
      const path = given
        .filter((one) => one.in === 'path')
        .reduce(
          (url, one) => url.replace(`{${one.name}}`, encode(textAt('path', one.name, one.value))),
          operation.path,
        )
      const search = given
        .filter((one) => one.in === 'query')
        .map((one) => `${one.name}=${encode(textAt('query', one.name, one.value))}`)
      const bodyText =
        json === undefined
          ? undefined
          : hit
              .filter(({ place }) => place[0] === 'body')
              .reduce<JsonText>(
                (text, { place, json: raw }) => text.replaced(place.slice(1), raw),
                jsonText(json),
              ).text
      return {
        caller,
        method: operation.method.toUpperCase(),
        url: [path, [...search, ...query].join('&')].filter((part) => part !== '').join('?'),
        headers: {
          ...(bodyText === undefined ? {} : { 'content-type': media }),
          ...Object.fromEntries(
            given
              .filter((one) => one.in === 'header')
              .map((one) => [one.name, headerText(textAt('header', one.name, one.value))]),
          ),
          ...headers,
        },
        body: bodyText,
      }
    })
}

/** A cursor is of one list; everything else is called the same everywhere. */
const nameIn = ({ operationId }: Operation, name: string): string =>
  name === 'cursor' ? `cursor of ${operationId}` : name

const callers = fc.oneof(
  // Most of what there is to reach is the administrator's.
  { weight: 12, arbitrary: fc.constant<Caller>('admin') },
  { weight: 3, arbitrary: fc.constant<Caller>('inventory_manager') },
  { weight: 4, arbitrary: fc.constantFrom<Caller>(...ROLES, 'nobody', 'stranger') },
)

const attack: fc.Arbitrary<Attack> = fc.record({
  leaf: fc.nat(40),
  text: hostileText,
  json: hostileJson,
})

interface Twist {
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly query: readonly string[]
  readonly media: string
}
const PLAIN: Twist = { headers: {}, query: [], media: 'application/json' }

/** What is odd about the request as a whole; mostly nothing. */
const twist: fc.Arbitrary<Twist> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(PLAIN) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc
        .constantFrom(
          'limit=1&limit=2',
          '__proto__=1',
          'constructor=1&toString=2',
          '%00=%00',
          'a[b]=c',
          '%ff=%',
          '=',
          '&&&',
          'limit=1;cursor=2',
        )
        .map((query) => ({ ...PLAIN, query: [query] })),
      fc
        .constantFrom(
          'text/plain',
          'application/json; charset=utf-16',
          'application/json; charset="',
          'application/problem+json',
          'multipart/form-data',
          'application/x-www-form-urlencoded',
          '/',
          ',',
        )
        .map((media) => ({ ...PLAIN, media })),
      fc
        .constantFrom<Record<string, string | string[]>>(
          { 'if-match': ['"1"', 'W/"2"'] },
          { 'if-match': 'W/"1"' },
          { 'if-none-match': '*' },
          { 'idempotency-key': ['a', 'b'] },
          { 'idempotency-key': '__proto__' },
          { accept: 'text/html;q=9' },
          { 'accept-encoding': 'gzip;q=x' },
          { 'content-encoding': 'gzip' },
          { origin: 'null' },
          { 'x-forwarded-for': 'nobody, \u00ff' },
          { 'x-http-method-override': 'DELETE' },
          { range: 'bytes=0-' },
          { host: '[::1' },
          { cookie: '__proto__=1' },
        )
        .map((headers) => ({ ...PLAIN, headers })),
    ),
  },
)

const optional = <T>(required: boolean, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  required ? value : fc.option(value, { nil: undefined, freq: 2 })

/** Percent-encoded; halves of characters as the bytes that some write for them. */
const encode = (text: string): string =>
  [...text]
    .map((character) =>
      /\p{Surrogate}/u.test(character) ? '%ed%a0%80' : encodeURIComponent(character),
    )
    .join('')
    // A part that is only dots means another address.
    .replace(/^\.+$/, (dots) => '%2e'.repeat(dots.length))

/** What can stand in a header at all. */
const headerText = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/gu, '?')
