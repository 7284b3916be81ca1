import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setTimeout as delay } from 'node:timers/promises'
import { createUserDirectory } from '../../../src/auth/user-directory.js'
import { createPasswords } from '../../../src/auth/passwords.js'
import { cpuSeconds } from '../../../e2e/rig/machine.js'
import { createFindUsers } from '../../../src/users/find-user.js'
import { fleetOf } from '../../speed/subjects/subject.js'
import { startNode, startUzima } from '../../speed/subjects/uzima.js'
import { fullCostOf } from '../cost.js'
import { expectAllIn } from '../drive.js'
import { filledUserId, fillUsers } from '../fill.js'
import { grow, type GrowthFigure } from '../growth.js'

/** Users whom the node has never seen, at each size. */
const UNKNOWN = 300
const LOG_INS = 3
const PASSWORD = 'a long word for nobody but this run'

/** What more users cost: a look-up, an admission of somebody new, a log-in, a start, and the directory in the memory of a node. */
export const users: GrowthFigure = {
  name: 'users',
  run: async ({ world, pick }) => {
    const sizes = pick([1e2, 1e3, 1e4, 1e5, 1e6], [1e3, 1e4])
    const named = (key: string, what: string, unit: string) =>
      grow(key, what, unit, 'users', 'power')
    const lookUp = named('lookUpMs', 'look-up of one user', 'ms')
    const lookUpCpu = named('lookUpCpuMs', 'CPU of PostgreSQL for it', 'ms')
    const admission = named('admissionMs', 'CPU of the node to let in whom it has never seen', 'ms')
    const logIn = named('logInMs', 'log-in with a password', 'ms')
    const logInCpu = named('logInCpuMs', 'CPU of the node for it', 'ms')
    const page = named('pageMs', 'first page of the list of users', 'ms')
    const start = named('startS', 'start of a node, until it listens', 's')
    const startCpu = named('startCpuS', 'CPU of that node', 's')
    const known = named('directoryKb', 'memory of the directory, all of them asked for', 'kB')

    await using uzima = await startUzima(world)
    const { database, databaseUrl } = uzima
    const hash = await createPasswords().hash(PASSWORD)
    await database.query(
      `insert into users (username, email, role, password_hash) values ('growth-admin', 'growth@example.org', 'admin', $1)`,
      [hash],
    )
    const [admin] = await database.query<{ id: string }>(
      `select id from users where username = 'growth-admin'`,
    )
    const token = world.tokenFor(admin?.id ?? '')
    const find = createFindUsers(database)
    const costOf = (work: () => Promise<unknown>) => fullCostOf(uzima.pid, world.postgresPid, work)
    let there = 0
    let seen = 0
    for (const size of sizes) {
      for (; there < size; there += Math.min(100_000, size - there)) {
        await fillUsers(database, there + 1, Math.min(100_000, size - there))
      }
      const asked = Array.from({ length: UNKNOWN }, (_, index) =>
        filledUserId(((index * 7_919) % size) + 1),
      )
      const looking = await costOf(async () => {
        for (const userId of asked) await find([{ userId }])
      })
      lookUp.add(size, (looking.seconds * 1_000) / UNKNOWN)
      lookUpCpu.add(size, (looking.postgresSeconds * 1_000) / UNKNOWN)

      const fleet = fleetOf(uzima)
      const strangers = Array.from(
        { length: Math.min(UNKNOWN, size - seen) },
        (_, index) => size - index,
      )
      seen = size
      const greetings = strangers.map((number) =>
        uzima.dialect.greetingFor(world.tokenFor(filledUserId(number))),
      )
      const admitting = await costOf(async () => {
        await fleet.open(greetings.length, 50, greetings)
        await delay(300)
      })
      await expectAllIn(fleet)
      admission.add(size, (admitting.cpuSeconds * 1_000) / greetings.length)
      await fleet.close()

      const call = async (path: string, body?: unknown): Promise<void> => {
        const response = await fetch(`${uzima.url}${path}`, {
          method: body === undefined ? 'GET' : 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        await response.arrayBuffer()
        if (!response.ok) throw new Error(`${path} was answered with ${String(response.status)}.`)
      }
      for (let round = 0; round < LOG_INS; round += 1) {
        const login = await costOf(() =>
          call('/api/auth/login', { username: 'growth-admin', password: PASSWORD }),
        )
        logIn.add(size, login.seconds * 1_000)
        logInCpu.add(size, login.cpuSeconds * 1_000)
        page.add(size, (await costOf(() => call('/api/users?limit=50'))).seconds * 1_000)
      }
      for (let round = 0; round < 2; round += 1) {
        const from = performance.now()
        await using node = await startNode(world, { DATABASE_URL: databaseUrl })
        start.add(size, (performance.now() - from) / 1_000)
        startCpu.add(size, cpuSeconds([node.pid]))
      }
      known.add(size, (await directoryBytes(size)) / 1_000)
    }
    const growths = [lookUp, lookUpCpu, admission, logIn, logInCpu, page, start, startCpu, known]
    return {
      growths: growths.map((one) => one.growth()),
      findings: [],
      raw: { sizes, unknown: UNKNOWN },
    }
  },
}

/** What the heap of this process grows by when a directory has been asked for so many users; it keeps no more than its capacity. */
const directoryBytes = async (size: number): Promise<number> => {
  setFlagsFromString('--expose-gc')
  const collectOnce = runInNewContext('gc') as () => void
  const collect = async (): Promise<void> => {
    for (let time = 0; time < 3; time += 1) {
      collectOnce()
      await delay(50)
    }
  }
  const directory = createUserDirectory({
    findUsers: (subjects) =>
      Promise.resolve(
        new Map(
          subjects.map(({ userId }) => [
            userId,
            {
              id: userId,
              username: `person-${userId}`,
              role: 'doctor' as const,
              roles: ['doctor' as const],
              isActive: true,
              authVersion: 1,
              tokensNotBefore: null,
              liveSessionIds: [`${userId.slice(0, 35)}s`],
            },
          ]),
        ),
      ),
    isFresh: () => true,
    confirm: () => Promise.resolve(true),
    lookUpEveryMs: 0,
  })
  await collect()
  const before = process.memoryUsage().heapUsed
  for (let from = 1; from <= size; from += 500) {
    const numbers = Array.from(
      { length: Math.min(500, size - from + 1) },
      (_, index) => from + index,
    )
    await Promise.all(numbers.map((number) => directory.get({ userId: filledUserId(number) })))
  }
  await collect()
  const bytes = process.memoryUsage().heapUsed - before
  // Until here it is held.
  directory.onReset()
  return bytes
}
