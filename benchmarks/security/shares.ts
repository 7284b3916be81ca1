import { setTimeout as delay } from 'node:timers/promises'
import { addUser } from '../../e2e/rig/users.js'
import { cpuSeconds } from '../../e2e/rig/machine.js'
import { openRawClient } from '../../e2e/rig/raw-client.js'
import { createRest, type Rest } from '../../e2e/rig/rest.js'
import { grouped, summarise, told, type Summary } from '../../e2e/rig/statistics.js'
import { repeat } from '../../e2e/rig/timing.js'
import { createPostgres } from '../../src/storage/postgres.js'
import { startProgram } from '../../test/support/program.js'
import { startServer, type RunningServer } from '../../test/support/server.js'
import type { Finding } from '../frame/figure.js'
import type { Rig } from '../frame/rig.js'
import type { SecurityFigure } from './figure.js'

/** What one user, or fifty, ask for, and how often at once. */
interface Flood {
  readonly name: string
  readonly users: number
  readonly atOnce: number
  readonly path: string
}

/** What others met meanwhile. */
interface Met {
  readonly rest: Summary
  readonly admission: Summary
  readonly login: Summary
  readonly failed: number
  /** Share of a core that the node took. */
  readonly cores: number
  readonly answers: Readonly<Record<string, number>>
}

const ITEMS = 2_000
const FLOODS: readonly Flood[] = [
  { name: 'nobody', users: 0, atOnce: 0, path: '' },
  {
    name: "one user's 300 parallel `GET /api/inventory?limit=500`",
    users: 1,
    atOnce: 300,
    path: '/api/inventory?limit=500',
  },
  {
    name: "one user's 50 readers of `/api/events` from 0",
    users: 1,
    atOnce: 50,
    path: '/api/events?since=0&limit=1000',
  },
  {
    name: "50 users' readers of `/api/events` from 0",
    users: 50,
    atOnce: 50,
    path: '/api/events?since=0&limit=1000',
  },
]
const UNLIMITED = '1000000'

/** What others wait while one user floods the node, with the shares and without. */
export const shares: SecurityFigure = {
  name: 'shares',
  run: async ({ rig, sized }) => {
    const seconds = sized(10, 3)
    const databaseUrl = await rig.createDatabase('shares')
    const results: Record<string, Record<string, Met>> = {}
    for (const [what, env] of Object.entries({
      without: { MAX_REQUESTS_PER_USER: UNLIMITED },
      with: {},
    })) {
      await using server = await startServer({
        env: {
          LOG_LEVEL: 'fatal',
          DATABASE_URL: databaseUrl,
          JWT_SECRET: rig.secret,
          NODE_NAME: 'shares',
          ADMIN_PASSWORD: PASSWORD,
          ...env,
        },
      })
      await using world = await setUp(rig, databaseUrl)
      results[what] = {}
      for (const flood of FLOODS)
        results[what][flood.name] = await meet(server, world, flood, seconds)
    }
    return { findings: toFindings(results), raw: results }
  },
}

const PASSWORD = 'a password for the figures'

interface World extends AsyncDisposable {
  readonly quiet: string
  readonly loud: readonly string[]
}

const setUp = async (rig: Rig, url: string): Promise<World> => {
  const database = createPostgres({ url, poolSize: 2, onError: () => undefined })
  await database.query(
    `insert into inventory_items (sku, name, category, threshold)
     select 'FLOOD-' || n, 'Item ' || n, 'flood', 10 from generate_series(1, $1::integer) n on conflict do nothing`,
    [ITEMS],
  )
  const loud: string[] = []
  for (let user = 0; user < 50; user += 1)
    loud.push(rig.tokenFor(await addUser(database, 'doctor')))
  const quiet = rig.tokenFor(await addUser(database, 'doctor'))
  return { quiet, loud, [Symbol.asyncDispose]: database.close }
}

const meet = async (
  server: RunningServer,
  world: World,
  flood: Flood,
  seconds: number,
): Promise<Met> => {
  await using flooder =
    flood.atOnce === 0
      ? undefined
      : await startProgram(['--import', 'tsx', 'benchmarks/security/flooder.ts'], {
          env: {
            UZIMA_URL: server.url,
            UZIMA_PATH: flood.path,
            UZIMA_TOKENS: world.loud.slice(0, flood.users).join(','),
            UZIMA_AT_ONCE: String(flood.atOnce),
          },
        })
  await flooder?.says(/flooding/)
  await delay(500)
  const times = { rest: [] as number[], admission: [] as number[], login: [] as number[] }
  let failed = 0
  const timed = (into: number[], work: () => Promise<boolean>) => async (): Promise<void> => {
    const startedAt = performance.now()
    const isDone = await work().catch(() => false)
    if (isDone) into.push(performance.now() - startedAt)
    else failed += 1
  }
  const rest = createRest(20_000)
  const [cpuBefore, from] = [cpuSeconds([server.pid]), performance.now()]
  const probes = [
    repeat(
      20,
      timed(times.rest, () => readItem(rest, server, world.quiet)),
    ),
    repeat(
      100,
      timed(times.admission, () => admit(server, world.quiet)),
    ),
    repeat(
      200,
      timed(times.login, () => logIn(server)),
    ),
  ]
  await delay(seconds * 1_000)
  await Promise.all(probes.map((stop) => stop()))
  const cores = (cpuSeconds([server.pid]) - cpuBefore) / ((performance.now() - from) / 1_000)
  rest.close()
  await flooder?.stop()
  const answers = JSON.parse(/\{.*\}/.exec(flooder?.output() ?? '')?.[0] ?? '{}') as Met['answers']
  return {
    rest: summarise(times.rest),
    admission: summarise(times.admission),
    login: summarise(times.login),
    failed,
    cores,
    answers,
  }
}

const readItem = async (rest: Rest, { url }: RunningServer, token: string): Promise<boolean> =>
  (await rest({ url, method: 'GET', path: '/api/inventory/FLOOD-1', token })).status === 200

const admit = (server: RunningServer, token: string): Promise<boolean> =>
  new Promise((resolve) => {
    let isAdmitted = false
    const client = openRawClient(server.url, {
      onPacket: (packet) => {
        if (packet.startsWith('0')) client.send(`40${JSON.stringify({ token })}`)
        if (!packet.startsWith('40')) return
        isAdmitted = true
        client.end()
      },
      onClosed: () => {
        clearTimeout(timer)
        resolve(isAdmitted)
      },
    })
    const timer = setTimeout(client.destroy, 20_000)
  })

const logIn = async ({ url }: RunningServer): Promise<boolean> => {
  const answer = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: PASSWORD }),
  })
  await answer.text()
  return answer.ok
}

const toFindings = (results: Record<string, Record<string, Met>>): Finding[] =>
  FLOODS.flatMap(({ name, users }) => {
    const [shared, floor] = [results['with']?.[name], results['without']?.[name]]
    if (shared === undefined || floor === undefined) throw new Error(`${name} was not measured.`)
    return [
      {
        figure: `REST, admission and log-in of others beside ${name}`,
        ...(users === 0 ? WITHOUT_GOAL : goalBeside(shared, floor)),
        measured: toText(shared),
      },
      { figure: 'Floor: the same without shares', ...WITHOUT_GOAL, measured: toText(floor) },
    ]
  })

const WITHOUT_GOAL = { goal: 'none', met: true } as const

/** Against the floor, because both are as slow as the machine is busy. */
const goalBeside = (shared: Met, floor: Met): Pick<Finding, 'goal' | 'met'> => ({
  goal: 'REST and log-in p50 <= a quarter of the floor, 0 failed',
  met:
    shared.failed === 0 &&
    shared.rest.p50 <= floor.rest.p50 / 4 &&
    shared.login.p50 <= floor.login.p50 / 4,
})

const toText = ({ rest, admission, login, failed, cores, answers }: Met): string => {
  const counts = Object.entries(answers).map(
    ([status, count]) => `${grouped(count)} times ${status}`,
  )
  return (
    `REST ${told(rest)}; admission ${told(admission)}; log-in ${told(login)}; ${grouped(failed)} failed; ` +
    `the node took ${cores.toFixed(2)} cores; the flood was answered ${counts.join(', ') || 'not at all'}`
  )
}
