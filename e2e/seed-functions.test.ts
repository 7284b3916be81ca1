import { describe, expect, it } from 'vitest'
import { inventoryWsController } from '../src/controllers/inventoryWsController.js'
import { broadcastToRoom, sendToAll, sendToRole } from '../src/services/realtime.service.js'
import {
  getConnectedUsers,
  getConnectionCounts,
  isUserConnected,
  sendToRoles,
  sendToUsers,
  userRoom,
} from '../src/utils/websocketUtils.js'
import { setupApp, type TestApp, type TestClient } from '../test/support/app.js'

/** An app that the module-level functions talk to, as in production. */
const setupBoundApp = (env: Readonly<Record<string, string>> = {}): Promise<TestApp> =>
  setupApp({ bind: true, env })

const outcomeOf = (client: TestClient): Promise<string> =>
  new Promise((resolve) => {
    client.socket.once('connected', () => {
      resolve('connected')
    })
    client.socket.once('connect_error', (error) => {
      resolve(error.message)
    })
  })

describe('the functions that the seed implies', () => {
  it('refuse to be used before something is bound', () => {
    expect(() => {
      sendToAll('hello', {})
    }).toThrow('call initRealtime')
  })

  it('send to users, roles and rooms', async () => {
    await using app = await setupBoundApp()
    const doctor = await app.addUser('doctor')
    const pharmacist = await app.addUser('pharmacist')
    const atDoctor = await app.connect(doctor)
    const atPharmacist = await app.connect(pharmacist)

    sendToUsers([doctor.id, doctor.id], 'to:users', { n: 1 })
    sendToRoles(['doctor', 'pharmacist'], 'to:roles', { n: 2 })
    sendToRole('pharmacist', 'to:role', { n: 3 })
    broadcastToRoom(userRoom(doctor.id), 'to:room', { n: 4 })
    broadcastToRoom(`user_${pharmacist.id}`, 'to:room', { n: 5 })
    sendToAll('last', {})

    const messages = (client: TestClient): string[] =>
      client.events.map(({ event, data }) => `${event} ${String(data['n'])}`).slice(1, -1)
    await expect.poll(() => atDoctor.of('last')).toHaveLength(1)
    await expect.poll(() => atPharmacist.of('last')).toHaveLength(1)
    expect(messages(atDoctor)).toEqual(['to:users 1', 'to:roles 2', 'to:room 4'])
    expect(messages(atPharmacist)).toEqual(['to:roles 2', 'to:role 3', 'to:room 5'])
  })

  it('tell who is connected', async () => {
    await using app = await setupBoundApp()
    const doctor = await app.addUser('doctor')
    const away = await app.addUser('doctor')
    await app.connect(doctor)
    const second = await app.connect(doctor)

    expect(await isUserConnected(doctor.id)).toBe(true)
    expect(await isUserConnected(away.id)).toBe(false)
    expect(await getConnectedUsers()).toEqual([
      { userId: doctor.id, username: doctor.username, role: 'doctor', connections: 2 },
    ])
    expect(await getConnectionCounts()).toEqual({
      connections: 2,
      users: 1,
      byRole: { doctor: 2 },
      missingNodes: [],
    })
    second.socket.disconnect()
    await expect.poll(async () => (await getConnectionCounts()).connections).toBe(1)
  })

  it('send the events of inventory, to all or to one role', async () => {
    await using app = await setupBoundApp()
    const atDoctor = await app.connect(await app.addUser('doctor'))
    const atPharmacist = await app.connect(await app.addUser('pharmacist'))

    inventoryWsController.emitInventoryUpdate({ item: 'medicine-x' })
    inventoryWsController.emitLowStock({ item: 'medicine-x' }, { role: 'pharmacist' })
    inventoryWsController.emitToRole('pharmacist', 'stock:counted', { item: 'medicine-x' })
    sendToAll('last', {})

    const names = (client: TestClient): string[] => client.events.map(({ event }) => event)
    await expect.poll(() => names(atDoctor)).toEqual(['connected', 'inventory:update', 'last'])
    await expect
      .poll(() => names(atPharmacist))
      .toEqual(['connected', 'inventory:update', 'inventory:lowStock', 'stock:counted', 'last'])
  })

  it('refuse the names that Socket.IO keeps for itself', async () => {
    await using app = await setupBoundApp()
    const client = await app.connect(await app.addUser('doctor'))
    for (const name of ['connect', 'disconnect', 'error', '']) {
      expect(() => {
        sendToAll(name, {})
      }).toThrow('This event name is reserved')
    }
    expect(client.events.map(({ event }) => event)).toEqual(['connected'])
  })
})

describe('the token of a handshake', () => {
  it('is taken from auth, from the header and from the query, in this order', async () => {
    await using app = await setupBoundApp()
    const { token } = await app.addUser('doctor')
    const header = { extraHeaders: { authorization: `Bearer ${token}` } }
    expect(await outcomeOf(app.client(token))).toBe('connected')
    expect(await outcomeOf(app.client(undefined, header))).toBe('connected')
    expect(await outcomeOf(app.client(undefined, { query: { token } }))).toBe('connected')
    expect(await outcomeOf(app.client('x.y.z', { query: { token }, ...header }))).toBe(
      'Invalid authentication token',
    )
  })

  it('is not taken from the query where a setting forbids it', async () => {
    await using app = await setupBoundApp({ ALLOW_QUERY_TOKEN: 'false' })
    const { token } = await app.addUser('doctor')
    expect(await outcomeOf(app.client(undefined, { query: { token } }))).toBe(
      'Authentication token required',
    )
  })

  it('refuses its own connection at once and nobody else, where it is invalid', async () => {
    await using app = await setupBoundApp()
    const healthy = await app.connect(await app.addUser('doctor'))
    const refused = app.client('not a token')
    expect(await outcomeOf(refused)).toBe('Invalid authentication token')
    expect(refused.events).toEqual([])
    sendToAll('still:here', {})
    await expect.poll(() => healthy.of('still:here')).toHaveLength(1)
  })
})

describe('CLIENT_URL', () => {
  it('is the origin that browsers may come from, http://localhost:3000 where it is left out', async () => {
    const origins = async (app: TestApp, origin: string): Promise<string> => {
      const { token } = await app.addUser('doctor')
      return outcomeOf(app.client(token, { extraHeaders: { origin } }))
    }
    await using byDefault = await setupApp()
    expect(await origins(byDefault, 'http://localhost:3000')).toBe('connected')
    expect(await origins(byDefault, 'https://evil.example')).not.toBe('connected')
    await using configured = await setupApp({ env: { CLIENT_URL: 'https://clinic.example' } })
    expect(await origins(configured, 'https://clinic.example')).toBe('connected')
    expect(await origins(configured, 'http://localhost:3000')).not.toBe('connected')
  })
})
