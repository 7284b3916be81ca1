import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Position } from '@uzima/contracts'
import { setupApp, type TestApp, type TestUser } from '../support/app.js'
import { times } from '../support/long.js'
import { headOf } from '../support/read-log.js'
import { change } from './returning.js'

/** A client that keeps what it got, and stops reading when it is told to. */
interface Recorder {
  readonly socket: WebSocket
  readonly got: Set<number>
  socketId: string | undefined
  position: Position | undefined
  /** It was torn off: what the kernel had is lost. */
  isBroken: boolean
  hasLeft: boolean
}

interface Claim {
  readonly id: string
  /** What is after it was claimed to be written. */
  readonly from: number | null
  readonly upTo: number
  readonly applied: number | null
  readonly code: string | null
}

const record = (app: TestApp, user: TestUser, from?: Position): Recorder => {
  const socket = new WebSocket(`${app.url}/socket.io/?EIO=4&transport=websocket`)
  const recorder: Recorder = {
    socket,
    got: new Set(),
    socketId: undefined,
    position: from,
    isBroken: false,
    hasLeft: false,
  }
  socket.on('error', () => undefined)
  socket.on('message', (data: Buffer) => {
    const packet = data.toString()
    if (packet === '2') socket.send('3')
    if (packet.startsWith('0')) {
      socket.send(`40${JSON.stringify({ token: user.token, position: from })}`)
    }
    if (packet.startsWith('40')) {
      recorder.socketId = (JSON.parse(packet.slice(2)) as { sid: string }).sid
    }
    if (!packet.startsWith('42')) return
    const [event, payload] = JSON.parse(packet.slice(2)) as [string, Record<string, unknown>]
    if (event === 'connected' || event === 'log:reset') {
      recorder.position = payload['position'] as Position
    }
    if (event === 'inventory:update' && recorder.position !== undefined) {
      const seq = payload['seq'] as number
      recorder.got.add(seq)
      recorder.position = { ...recorder.position, seq }
    }
  })
  return recorder
}

const CLAIMS = `
  select socket_id as id, case when how = 'replay' then asked_seq else joined_seq end as from,
    delivery_written_up_to(d) as "upTo", applied_seq as applied, code
  from deliveries d`

it('never claims that something was written which did not get to who went on reading', async () => {
  await using app = await setupApp({ env: { MAX_BUFFERED_BYTES: '6000000' } })
  const user = await app.addUser('pharmacist')
  await change(app, 50)
  const recorders: Recorder[] = []
  const claims: Claim[] = []
  const some = (): Recorder | undefined => {
    const open = recorders.filter(({ isBroken, hasLeft }) => !isBroken && !hasLeft)
    return open[Math.floor(Math.random() * open.length)]
  }
  const steps: (() => unknown)[] = [
    () => void recorders.push(record(app, user)),
    () => void recorders.push(record(app, user, some()?.position)),
    () => some()?.socket.pause(),
    () => some()?.socket.pause(),
    () => some()?.socket.resume(),
    () => {
      const one = some()
      if (one === undefined) return
      one.socket.terminate()
      one.isBroken = true
    },
    () => {
      const one = some()
      if (one?.socketId === undefined) return
      one.hasLeft = true
      one.socket.resume()
      one.socket.send('41')
    },
    () => {
      const one = some()
      if (one?.socketId === undefined || one.position === undefined) return
      one.socket.send(`42${JSON.stringify(['applied', one.position])}`)
    },
    ...Array.from({ length: 4 }, () => () => change(app, 1 + Math.floor(Math.random() * 20))),
    ...Array.from(
      { length: 2 },
      () => () =>
        // More than the kernel takes for who does not read.
        app.database.query('update inventory_items set metadata = $1::jsonb', [
          JSON.stringify({ filler: `${Math.random().toString()}${'x'.repeat(60_000)}` }),
        ]),
    ),
    ...Array.from({ length: 4 }, () => async () => {
      claims.push(...(await app.database.query<Claim>(CLAIMS)))
    }),
  ]
  recorders.push(record(app, user), record(app, user))
  for (let n = 0; n < times(60, 5_000); n += 1) {
    await steps[Math.floor(Math.random() * steps.length)]?.()
    await delay(Math.random() * 50)
  }

  // Who was not torn off, by us or as a slow one, gets all that was sent.
  for (const { socket, isBroken } of recorders) if (!isBroken) socket.resume()
  const head = await headOf(app)
  const entries = await app.database.query<{ seq: number }>(
    `select seq from event_log where name = 'inventory:update' order by seq`,
  )
  const isDone = ({ socket, position }: Recorder): boolean =>
    socket.readyState === WebSocket.CLOSED || position?.seq === head
  await expect.poll(() => recorders.every(isDone)).toBe(true)
  const openIds = recorders.flatMap(({ socket, socketId }) =>
    socket.readyState === WebSocket.OPEN && socketId !== undefined ? [socketId] : [],
  )
  await expect
    .poll(async () => {
      const now = await app.database.query<Claim>(CLAIMS)
      return now.filter(
        ({ id, upTo, code }) => openIds.includes(id) && code === null && upTo === head,
      )
    })
    .toHaveLength(openIds.length)
  claims.push(...(await app.database.query<Claim>(CLAIMS)))

  const torn = new Set(claims.flatMap(({ id, code }) => (code === 'SLOW_CONSUMER' ? [id] : [])))
  const false_: unknown[] = []
  for (const { socketId = '', got, isBroken } of recorders) {
    if (isBroken || torn.has(socketId)) continue
    for (const { id, from, upTo } of claims) {
      if (id !== socketId || from === null) continue
      const missing = entries.filter(({ seq }) => seq > from && seq <= upTo && !got.has(seq))
      if (missing.length > 0) false_.push({ id, from, upTo, missing: missing.length })
    }
  }
  expect(false_).toEqual([])
  expect(claims.filter(({ applied, upTo }) => (applied ?? 0) > upTo)).toEqual([])
  // Each of what is claimed has its time, and none is earlier than that of what came before it.
  const undated = await app.database.query(
    `select d.socket_id, e.seq
     from deliveries d
     join event_log e on e.seq > case when d.how = 'replay' then d.asked_seq else d.joined_seq end
       and e.seq <= delivery_written_up_to(d)
     where delivery_written_at(d, e.seq) is null
       or delivery_written_at(d, e.seq) < delivery_written_at(d, e.seq - 1)`,
  )
  expect(undated).toEqual([])
  for (const { socket } of recorders) socket.terminate()
})
