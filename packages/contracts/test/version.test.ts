import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import * as contracts from '../src/index.js'

/**
 * One line per version of the contract: what a reader on the other side of the wire relies on. A change that
 * fails this test is a change of the wire: add a line to `PROTOCOL_VERSION`'s history where an old client
 * would misread it, and put the new digest here.
 */
const DIGESTS: Readonly<Record<number, string>> = {
  2: '5ac920a9ea6addac',
}

describe('the wire contract', () => {
  it('does not change without a new version or, for what old clients do not notice, a new digest', () => {
    expect(digestOf(wireContract())).toBe(DIGESTS[contracts.PROTOCOL_VERSION])
  })

  it('covers every event, every error and every exported schema', () => {
    const described = wireContract()
    expect(Object.keys(described.serverEvents)).toEqual(Object.keys(contracts.SERVER_EVENTS))
    expect(Object.keys(described.clientEvents)).toEqual(Object.keys(contracts.CLIENT_EVENTS))
    expect(Object.keys(described.schemas).length).toBeGreaterThan(30)
    expect(described.errors).toHaveProperty('AUTH_TOKEN_EXPIRED')
  })

  it('notices an optional field', () => {
    const described = wireContract()
    const changed = { ...contracts.SERVER_EVENTS.connected.shape, note: z.string().optional() }
    expect(
      digestOf({
        ...described,
        serverEvents: { ...described.serverEvents, connected: schemaOf(z.object(changed)) },
      }),
    ).not.toBe(digestOf(described))
  })
})

const schemaOf = (schema: z.ZodType, io: 'input' | 'output' = 'output'): unknown =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' })

const wireContract = () => {
  return {
    serverEvents: mapValues(contracts.SERVER_EVENTS, (schema) => schemaOf(schema)),
    clientEvents: mapValues(contracts.CLIENT_EVENTS, ({ payload, ack }) => ({
      payload: schemaOf(payload, 'input'),
      ack: schemaOf(ack),
    })),
    errors: mapValues(contracts.ERRORS, ({ status, message, comeBack }) => ({
      status,
      message,
      comeBack,
    })),
    permissions: contracts.PERMISSIONS,
    // Every exported schema, whichever body uses it: what a caller may send, and what comes back. Sorted, because in
    // which file one stands is nothing to the wire.
    schemas: Object.fromEntries(
      Object.entries(contracts)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([name, value]) =>
          value instanceof z.ZodType
            ? [[name, { sent: schemaOf(value, 'input'), answered: schemaOf(value) }]]
            : [],
        ),
    ),
  }
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))

const digestOf = (contract: object): string =>
  createHash('sha256').update(JSON.stringify(contract)).digest('hex').slice(0, 16)
