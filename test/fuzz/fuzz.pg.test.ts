import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDocument, type ApiDocument } from './document.js'
import { requestsTo, type FuzzRequest } from './requests.js'
import { createFuzzWorld, type FuzzWorld } from './world.js'

const minutes = Number(process.env['UZIMA_FUZZ_MINUTES'] ?? '0')
const seed = Number(process.env['UZIMA_FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const SHORT_MS = 8_000
const forMs = minutes > 0 ? minutes * 60_000 : SHORT_MS

let world: FuzzWorld | undefined
let api: ApiDocument

beforeAll(async () => {
  world = await createFuzzWorld()
  api = readDocument(world.document)
})
afterAll(() => world?.[Symbol.asyncDispose]())

describe('every operation of the served document', () => {
  it(
    'answers any request as the document says, and never with a failure of the server',
    async () => {
      if (world === undefined) throw new Error('There is no world to ask.')
      const { ask, pools } = world
      const operations = new Map(api.operations.map((one) => [one.operationId, one]))
      const counts = new Map<string, Map<number, number>>()
      const requests = fc.oneof(
        ...api.operations.map((operation) =>
          requestsTo(api, operation, pools).map((request) => ({
            id: operation.operationId,
            request,
          })),
        ),
      )
      const property = fc.asyncProperty(requests, async ({ id, request }) => {
        const operation = operations.get(id)
        if (operation === undefined) throw new Error(`${id} is not in the document.`)
        const answer = await ask(request)
        const ofOperation = counts.get(id) ?? new Map<number, number>()
        counts.set(id, ofOperation)
        ofOperation.set(answer.status, (ofOperation.get(answer.status) ?? 0) + 1)
        const objection = api.objection(operation, answer)
        if (objection !== undefined) {
          throw new Error(
            `${asCurl(request)}\n${String(answer.status)} ${answer.body.slice(0, 500)}\n${objection}`,
          )
        }
      })
      await fc.assert(property, {
        seed,
        numRuns: Number.MAX_SAFE_INTEGER,
        interruptAfterTimeLimit: forMs,
        endOnFailure: false,
      })

      const all = [...counts.values()].flatMap((statuses) => [...statuses])
      const total = all.reduce((sum, [, count]) => sum + count, 0)
      const deep = all.filter(([status]) => ![400, 401, 403, 415].includes(status))
      const deepShare = deep.reduce((sum, [, count]) => sum + count, 0) / total
      console.log(
        `fuzz: seed ${seed.toString()}, ${total.toString()} requests, ${(deepShare * 100).toFixed(0)} % past the door`,
      )
      if (process.env['UZIMA_FUZZ_TELL'] !== undefined) console.log(counts)
      // Else it would be the validator alone that is tested.
      expect(deepShare).toBeGreaterThan(0.3)
    },
    forMs * 2 + 120_000,
  )
})

const asCurl = ({ caller, method, url, headers, body }: FuzzRequest): string =>
  `${caller}: ${method} ${url} ${JSON.stringify(headers)} ${body ?? ''}`.slice(0, 2_000)
