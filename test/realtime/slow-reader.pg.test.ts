import { once } from 'node:events'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { setupApp } from '../support/app.js'

const ITEMS = 200
const FILLER = 'x'.repeat(8_000)

it.each(['true', 'false'])(
  'acknowledges a revocation once a client that does not read can get nothing more, with DIRECT_WRITES=%s',
  async (direct) => {
    await using app = await setupApp({
      env: { DIRECT_WRITES: direct, MAX_BUFFERED_BYTES: '67108864' },
    })
    const [user, reader] = [await app.addUser('pharmacist'), await app.addUser('doctor')]
    await app.database.query(
      `insert into inventory_items (sku, name)
     select 'item-' || n, 'Item' from generate_series(1, $1::integer) n`,
      [ITEMS],
    )
    const idle = await app.connect(reader)
    const socket = new WebSocket(`${app.url}/socket.io/?EIO=4&transport=websocket`)
    let events = 0
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const packet = data.toString()
      if (packet.startsWith('0')) socket.send(`40${JSON.stringify({ token: user.token })}`)
      if (packet.startsWith('42["connected"')) socket.pause()
      if (packet.startsWith('42["inventory:update"') && packet.includes(FILLER)) events += 1
    })
    await expect.poll(() => socket.isPaused).toBe(true)
    // Few enough that the service has handed all of it to the kernel, where no queue of its own shows it.
    await app.database.query('update inventory_items set metadata = $1::jsonb', [
      JSON.stringify({ filler: FILLER }),
    ])
    // On a busy machine the items' creation may come to a client that connects after it, too.
    const changed = (): number =>
      idle.of('inventory:update').filter((event) => JSON.stringify(event).includes(FILLER)).length
    await expect.poll(changed).toBe(ITEMS)

    await app.database.query('update users set is_active = false where id = $1', [user.id])
    await expect.poll(() => app.database.query('select seq from revocation_acks')).toHaveLength(1)
    socket.resume()
    await once(socket, 'close')

    expect(events).toBeLessThan(ITEMS)
  },
)
