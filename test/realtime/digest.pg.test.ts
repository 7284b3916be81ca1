import type { InventoryDigest, InventoryUpdate, Item, Role } from '@uzima/contracts'
import {
  createDigestCheck,
  createRealtimeClient,
  createRestClient,
  digestOf,
  type StockSnapshot,
} from '@uzima/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { setupApp, type TestApp, type TestClient, type TestUser } from '../support/app.js'
import { headOf, untilLogIsRead } from '../support/read-log.js'

const setup = (env: Readonly<Record<string, string>> = {}): Promise<TestApp> =>
  setupApp({ env: { DIGEST_EVERY_MS: '50', ...env } })

const digestsOf = (client: TestClient): InventoryDigest[] =>
  client.of('inventory:digest') as unknown as InventoryDigest[]

const add = (app: TestApp, sku: string): Promise<unknown> =>
  app.database.query(`insert into inventory_items (sku, name) values ($1, 'x')`, [sku])

/** Reads the stock as `user` and goes on with it by events, as any client would. */
const follow = async (app: TestApp, user: TestUser) => {
  const client = await app.connect(user)
  const { body } = await app.api(user.token, 'GET', '/api/inventory?limit=500')
  const { items, position } = body as unknown as { items: Item[]; position: { seq: number } }
  const agreed: number[] = []
  /** Applies what has come and compares at each digest, as the protocol says: with all before it, and nothing after. */
  const compare = (): readonly number[] => {
    const view = new Map(items.map((item) => [item.sku, item]))
    agreed.length = 0
    for (const { event, data } of client.events) {
      if (event === 'inventory:update') {
        const { seq, type, item } = data as unknown as InventoryUpdate
        if (seq <= position.seq) continue
        if (type === 'archived') view.delete(item.sku)
        else view.set(item.sku, item)
      } else if (event === 'inventory:digest') {
        const digest = data as unknown as InventoryDigest
        if (digest.seq < position.seq) continue
        expect(digest, JSON.stringify([...view])).toMatchObject({
          digest: digestOf(view.values()),
          items: view.size,
        })
        agreed.push(digest.seq)
      }
    }
    return agreed
  }
  return { client, compare }
}

describe('inventory:digest', () => {
  it('is what a client has that applied everything before it, however fast the stock changes', async () => {
    await using app = await setup({ DIGEST_EVERY_MS: '5' })
    for (const sku of ['a', 'ß-漢', 'c']) await add(app, sku)
    const user = await app.addUser('pharmacist')
    const { client, compare } = await follow(app, user)
    for (let n = 0; n < 60; n += 1) {
      if (n % 5 === 0) await add(app, `new-${n.toString()}`)
      else if (n % 7 === 0) {
        await app.database.query(
          `update inventory_items set archived_at = now() where sku = (
             select min(sku) from inventory_items where archived_at is null)`,
        )
      } else {
        await app.database.query('update inventory_items set threshold = threshold + 1')
      }
    }
    const head = await headOf(app)
    await expect.poll(() => digestsOf(client).at(-1)?.seq).toBe(head)
    expect(compare().length).toBeGreaterThan(2)
    const numbers = client.events.flatMap(({ event, data }) =>
      event.startsWith('inventory:') ? [Number(data['seq'])] : [],
    )
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })

  it('comes when one connects, without the database being asked for each', async () => {
    await using app = await setup({ DIGEST_EVERY_MS: '3600000' })
    const first = await app.connect(await app.addUser('doctor'))
    await expect.poll(() => digestsOf(first)).toHaveLength(1)
    const others = await Promise.all(
      [1, 2, 3].map(async () => app.connect(await app.addUser('doctor'))),
    )
    for (const other of others) {
      await expect.poll(() => digestsOf(other)).toHaveLength(1)
      // Read when the first one was; adding users has moved the log on, but not the stock.
      expect(digestsOf(other)[0]?.at).toBe(digestsOf(first)[0]?.at)
      expect(digestsOf(other)[0]?.seq).toBeGreaterThanOrEqual(digestsOf(first)[0]?.seq ?? 0)
    }
    await add(app, 'a')
    await untilLogIsRead(app)
    const late = await app.connect(await app.addUser('doctor'))
    await expect.poll(() => digestsOf(late).at(-1)?.items).toBe(1)
  })

  it('comes after what was missed', async () => {
    await using app = await setup({ DIGEST_EVERY_MS: '3600000' })
    const user = await app.addUser('pharmacist')
    const first = await app.connect(user)
    const position = first.of('connected')[0]?.['position']
    first.socket.disconnect()
    await add(app, 'a')
    await untilLogIsRead(app)
    const back = await app.connect(user, { auth: { token: user.token, position } })
    await expect.poll(() => digestsOf(back)).toMatchObject([{ items: 1 }])
    expect(back.of('inventory:update')).toHaveLength(1)
    expect(back.events.at(-1)?.event).toBe('inventory:digest')
  })

  it('comes to those who receive the stock and may read it, and to nobody where it is off', async () => {
    await using app = await setup({ INVENTORY_UPDATE_ROLES: 'pharmacist,patient' })
    const connectAs = async (role: Role) => app.connect(await app.addUser(role))
    const others = [await connectAs('doctor'), await connectAs('patient')]
    const pharmacist = await connectAs('pharmacist')
    await expect.poll(() => digestsOf(pharmacist).length).toBeGreaterThan(2)
    for (const other of others) expect(digestsOf(other)).toEqual([])

    await using quiet = await setup({ DIGEST_EVERY_MS: '0' })
    const client = await quiet.connect(await quiet.addUser('admin'))
    await add(quiet, 'a')
    await expect.poll(() => client.of('inventory:update')).toHaveLength(1)
    expect(digestsOf(client)).toEqual([])
  })
})

describe('inventory:diverged', () => {
  const counted = async (app: TestApp): Promise<number> => {
    const text = await (await fetch(`${app.url}/metrics`)).text()
    return Number(/^uzima_client_divergences_total (\d+)$/m.exec(text)?.[1])
  }
  const report = (client: TestClient, payload: unknown): Promise<Record<string, unknown>> =>
    client.socket.timeout(30_000).emitWithAck('inventory:diverged', payload) as Promise<
      Record<string, unknown>
    >

  it('is counted once in a while for each socket, and only where there is a difference', async () => {
    await using app = await setup({ DIGEST_EVERY_MS: '3600000' })
    const user = await app.addUser('pharmacist')
    const [one, other] = [await app.connect(user), await app.connect(user)]
    await expect.poll(() => digestsOf(one)).toHaveLength(1)
    await expect.poll(() => digestsOf(other)).toHaveLength(1)
    const { seq = 0, digest = '' } = digestsOf(one)[0] ?? {}
    const wrong = { seq, digest: '00000000000000ff' }

    expect(await report(other, { seq, digest })).toEqual({ ok: true })
    expect(await counted(app)).toBe(0)
    expect(await report(one, wrong)).toEqual({ ok: true })
    expect(await report(one, wrong)).toMatchObject({ ok: false, error: { code: 'RATE_LIMITED' } })
    expect(await counted(app)).toBe(1)
  })

  it.each([
    ['nothing', undefined],
    ['a state that was never told', { seq: 1_000_000, digest: '00000000000000ff' }],
    ['no digest', { seq: 1, digest: 'zz' }],
    ['more than belongs there', { seq: 1, digest: '00000000000000ff', why: 'x' }],
  ])('is refused with %s in it', async (_what, payload) => {
    await using app = await setup()
    const client = await app.connect(await app.addUser('admin'))
    expect(await report(client, payload)).toMatchObject({
      ok: false,
      error: { code: 'EVENT_INVALID' },
    })
    expect(await counted(app)).toBe(0)
  })

  it('is refused from whom the stock is no business of', async () => {
    await using app = await setup()
    const client = await app.connect(await app.addUser('patient'))
    expect(await report(client, { seq: 1, digest: '00000000000000ff' })).toMatchObject({
      ok: false,
      error: { code: 'AUTH_FORBIDDEN' },
    })
  })
})

describe('a client whose view was tampered with', () => {
  it('finds out by itself, tells the server, and is right again', async () => {
    await using app = await setup()
    for (const sku of ['a', 'b', 'c']) await add(app, sku)
    const user = await app.addUser('pharmacist')
    const rest = createRestClient({ baseUrl: app.url, getToken: () => user.token })
    const view = new Map<string, Item>()
    const said: string[] = []
    const check = createDigestCheck({
      items: () => view.values(),
      onVerified: () => said.push('verified'),
      onDiverged: (divergence) => {
        said.push('diverged')
        client.reportDivergence(divergence)
      },
      repair: () => {
        client.reload()
      },
    })
    const client = createRealtimeClient<StockSnapshot>({
      url: app.url,
      getToken: () => user.token,
      loadSnapshot: rest.inventory.snapshot,
      onSnapshot: ({ items, position, wholeSeq = position.seq }) => {
        view.clear()
        for (const item of items) view.set(item.sku, item)
        check.begin(wholeSeq)
      },
      onEvent: ({ name, payload }) => {
        if (name !== 'inventory:update') return
        if (payload.type === 'archived') view.delete(payload.item.sku)
        else view.set(payload.item.sku, payload.item)
      },
      onDigest: check.receive,
    })
    onTestFinished(client.stop)
    client.start()
    await expect.poll(() => said.at(-1)).toBe('verified')
    const truth = digestOf(view.values())
    const itemOf = (sku: string): Item => {
      const item = view.get(sku)
      if (item === undefined) throw new Error(`There is no ${sku}.`)
      return item
    }

    for (const tamper of [
      () => view.delete('a'),
      () => view.set('b', { ...itemOf('b'), usableQuantity: 7 }),
      () => Object.assign(itemOf('c'), { version: 9 }),
    ]) {
      said.length = 0
      tamper()
      await expect.poll(() => said).toContain('diverged')
      await expect.poll(() => said.at(-1)).toBe('verified')
      expect(digestOf(view.values())).toBe(truth)
    }
    await expect
      .poll(async () => (await fetch(`${app.url}/metrics`)).text())
      .toMatch(/^uzima_client_divergences_total [1-9]/m)
  })
})
