import { gzipSync } from 'node:zlib'
import type { InventoryPage } from '@uzima/contracts'
import { addUsers } from '../../../e2e/rig/users.js'
import { readDigest } from '../../../src/inventory/digest.js'
import { encodePost, openRequester } from '../../speed/load/requester.js'
import { startUzima } from '../../speed/subjects/uzima.js'
import { fullCostOf } from '../cost.js'
import { fillItems } from '../fill.js'
import { grow, type GrowthFigure } from '../growth.js'

const PAGE = 500
const MOVEMENTS = 60
const DIGESTS = 5

/** What more items cost: a snapshot, a digest, and one movement, which must not notice. */
export const items: GrowthFigure = {
  name: 'items',
  run: async ({ world, pick }) => {
    const sizes = pick([1e2, 1e3, 1e4, 1e5], [1e2, 1e3])
    const named = (key: string, what: string, unit: string, law: 'line' | 'power' = 'power') =>
      grow(key, what, unit, 'items', law)
    const snapshot = named('snapshotMs', 'snapshot, all pages one after the other', 'ms')
    const snapshotCpu = named('snapshotCpuMs', 'CPU of the node for it', 'ms')
    const snapshotPostgres = named('snapshotPostgresMs', 'CPU of PostgreSQL for it', 'ms')
    const bytes = named('snapshotBytes', 'bytes of it', 'B')
    const packed = named('packedBytes', 'bytes of it as gzip', 'B')
    const digest = named('digestMs', 'digest', 'ms')
    const digestCpu = named('digestCpuMs', 'CPU of PostgreSQL for it', 'ms')
    const movement = named('movementMs', 'one movement over REST', 'ms')
    const movementCpu = named('movementCpuMs', 'CPU of the node for it', 'ms')
    const movementPostgres = named('movementPostgresMs', 'CPU of PostgreSQL for it', 'ms')

    await using uzima = await startUzima(world)
    const { database } = uzima
    await database.query(`update inventory_items set archived_at = now()`)
    const [userId = ''] = await addUsers(database, 1, 'pharmacist')
    const token = world.tokenFor(userId)
    const costOf = (work: () => Promise<unknown>) => fullCostOf(uzima.pid, world.postgresPid, work)
    const read = async (): Promise<Buffer[]> => {
      const pages: Buffer[] = []
      let cursor: string | null = null
      do {
        const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const response = await fetch(`${uzima.url}/api/inventory?limit=${String(PAGE)}${next}`, {
          headers: { authorization: `Bearer ${token}`, 'accept-encoding': 'identity' },
        })
        const page = Buffer.from(await response.arrayBuffer())
        if (!response.ok)
          throw new Error(`A page was answered with ${String(response.status)}: ${page.toString()}`)
        pages.push(page)
        cursor = (JSON.parse(page.toString()) as InventoryPage).nextCursor
      } while (cursor !== null)
      return pages
    }
    const move = async (size: number, count: number): Promise<void> => {
      // A new one each time: the server closes a connection that has been idle for long.
      const requester = openRequester(uzima.port)
      for (let number = 0; number < count; number += 1) {
        const sku = `stock-${String(((number * 7_919) % size) + 1).padStart(7, '0')}`
        const status = await requester.send(
          encodePost(`/api/inventory/${sku}/consume`, token, { quantity: 1 }),
        )
        if (status !== 200) throw new Error(`A movement was answered with ${String(status)}.`)
      }
      requester.close()
    }
    for (const size of sizes) {
      await fillItems(database, size)
      await move(size, 20)
      for (let round = 0; round < (size > 1e4 ? 1 : 3); round += 1) {
        let pages: Buffer[] = []
        const reading = await costOf(async () => {
          pages = await read()
        })
        snapshot.add(size, reading.seconds * 1_000)
        snapshotCpu.add(size, reading.cpuSeconds * 1_000)
        snapshotPostgres.add(size, reading.postgresSeconds * 1_000)
        if (round > 0) continue
        bytes.add(
          size,
          pages.reduce((sum, page) => sum + page.length, 0),
        )
        packed.add(
          size,
          pages.reduce((sum, page) => sum + gzipSync(page).length, 0),
        )
      }
      const digesting = await costOf(async () => {
        for (let time = 0; time < DIGESTS; time += 1) await readDigest(database)
      })
      digest.add(size, (digesting.seconds * 1_000) / DIGESTS)
      digestCpu.add(size, (digesting.postgresSeconds * 1_000) / DIGESTS)
      for (let round = 0; round < 3; round += 1) {
        const moving = await costOf(() => move(size, MOVEMENTS))
        movement.add(size, (moving.seconds * 1_000) / MOVEMENTS)
        movementCpu.add(size, (moving.cpuSeconds * 1_000) / MOVEMENTS)
        movementPostgres.add(size, (moving.postgresSeconds * 1_000) / MOVEMENTS)
      }
    }
    const growths = [
      ...[snapshot, snapshotCpu, snapshotPostgres, bytes, packed],
      ...[digest, digestCpu, movement, movementCpu, movementPostgres],
    ].map((one) => one.growth())
    return { growths, findings: [], raw: { sizes, page: PAGE, movements: MOVEMENTS } }
  },
}
