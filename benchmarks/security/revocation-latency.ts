import type { Finding } from '../frame/figure.js'
import type { SecurityContext, SecurityFigure } from './figure.js'
import { severListeners, silenceListeners } from '../frame/listeners.js'
import { measureWave, revokeTogether, type Crowd, type Wave } from './revocation-wave.js'
import { cpuSeconds } from '../../e2e/rig/machine.js'
import { startStock } from '../frame/stock.js'
import { grouped, summarise, told, type Summary } from '../../e2e/rig/statistics.js'

interface Condition {
  readonly name: string
  readonly goalMs: number
  /** Share of the rounds in which users are revoked one by one; each waits for the poll where nothing else tells. */
  readonly oneByOneShare?: number
  /** Brings the condition about; resolves to what ends it, and then tells how many were cut. */
  readonly begin: (context: SecurityContext) => Promise<() => Promise<number>>
}

const CONDITIONS: readonly Condition[] = [
  { name: 'healthy', goalMs: 250, begin: () => Promise.resolve(() => Promise.resolve(0)) },
  {
    name: 'Redis killed (-9)',
    goalMs: 250,
    begin: async ({ rig }) => {
      await rig.redis.kill9()
      return async () => {
        await rig.redis.restart()
        return 0
      }
    },
  },
  {
    name: 'LISTEN cut: listening backends terminated each 20 ms',
    goalMs: 2_000,
    begin: ({ rig }) => Promise.resolve(severListeners(rig.database, 20)),
  },
  {
    name: 'LISTEN silent: listening backends stopped, connections stay open',
    goalMs: 2_000,
    oneByOneShare: 0.2,
    begin: ({ rig }) => silenceListeners(rig.database),
  },
]

const SOCKETS_PER_USER = 10
const WAYS = ['one by one', 'together'] as const

interface Measured {
  readonly condition: string
  readonly goalMs: number
  /** Open at the beginning of each round. */
  readonly sockets: number
  readonly oneByOne: Summary
  readonly together: Summary
  /** CPU of nodes and clients within such a revocation, on average. */
  readonly togetherCpuMs: number
  readonly revocations: number
  readonly socketsClosed: number
  readonly missed: number
  /** Listening backends that were terminated or stopped. */
  readonly cut: number
  readonly wallSeconds: number
  readonly nodeCpuSeconds: number
  readonly loadCpuSeconds: number
}

/** COMMIT of `UPDATE users` to the last socket closed, at the client, by one clock. */
export const revocationLatency: SecurityFigure = {
  name: 'latency',
  run: async (context) => {
    const { rig, sized } = context
    const users = await rig.addUsers(sized(100, 10), 'doctor')
    // Of 100 users each: 1,000 revocations either way.
    const rounds = sized(10)
    const crowd: Crowd = {
      users,
      socketsPerUser: SOCKETS_PER_USER,
      urlOf: rig.urlOf,
      nodes: rig.nodes.length,
      pids: rig.nodes.map(({ pid }) => pid),
      tokenFor: (userId) => rig.tokenFor(userId),
    }
    const measured: Measured[] = []
    for (const condition of CONDITIONS) {
      measured.push(await measure(context, condition, crowd, rounds))
    }
    const stock = await measureStock(users, rounds)
    return {
      findings: [...measured.flatMap(toFindings), stockFinding(stock)],
      raw: { measured, stock },
    }
  },
}

const measure = async (
  context: SecurityContext,
  condition: Condition,
  crowd: Crowd,
  rounds: number,
): Promise<Measured> => {
  const { database, nodes } = context.rig
  const pids = nodes.map(({ pid }) => pid)
  const setActive = async (active: boolean, userIds: readonly string[]): Promise<number> => {
    let commitAt = 0
    await database.transaction(async (tx) => {
      await tx.query('update users set is_active = $1 where id = any($2::uuid[])', [
        active,
        // A literal of PostgreSQL's; ids hold nothing that would need quoting.
        `{${userIds.join()}}`,
      ])
      commitAt = performance.now()
    })
    return commitAt
  }
  const end = await condition.begin(context)
  const [wallAt, cpuAt, ownAt] = [performance.now(), cpuSeconds(pids), process.cpuUsage()]
  try {
    const waves: Wave[] = []
    for (let round = 0; round < rounds; round += 1) {
      const isSlowToo = round < rounds * (condition.oneByOneShare ?? 1)
      for (const way of isSlowToo ? WAYS : (['together'] as const)) {
        waves.push(await measureWave(crowd, way, (userIds) => setActive(false, userIds)))
        await setActive(true, crowd.users)
      }
    }
    const own = process.cpuUsage(ownAt)
    const wallSeconds = (performance.now() - wallAt) / 1_000
    const nodeCpuSeconds = cpuSeconds(pids) - cpuAt
    return {
      cut: await end(),
      condition: condition.name,
      goalMs: condition.goalMs,
      sockets: crowd.users.length * crowd.socketsPerUser,
      ...summariseWaves(waves),
      wallSeconds,
      nodeCpuSeconds,
      loadCpuSeconds: (own.user + own.system) / 1e6,
    }
  } catch (error) {
    await end()
    throw error
  }
}

const summariseWaves = (
  waves: readonly Wave[],
): Pick<
  Measured,
  'oneByOne' | 'together' | 'togetherCpuMs' | 'revocations' | 'socketsClosed' | 'missed'
> => ({
  oneByOne: summarise(waves.filter(({ way }) => way === 'one by one').flatMap(({ ms }) => ms)),
  together: summarise(waves.filter(({ way }) => way === 'together').flatMap(({ ms }) => ms)),
  togetherCpuMs: meanOf(waves.flatMap(({ way, cpuMs }) => (way === 'together' ? [cpuMs] : []))),
  revocations: waves.reduce((sum, { revocations }) => sum + revocations, 0),
  socketsClosed: waves.reduce((sum, { closed }) => sum + closed, 0),
  missed: waves.reduce((sum, { missed }) => sum + missed, 0),
})

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

const toFindings = (measured: Measured): Finding[] => {
  const { condition, goalMs, missed, oneByOne, together, cut } = measured
  const goal = `p99 <= ${grouped(goalMs)} ms, 0 missed`
  const isMet = (p99: number): boolean => missed === 0 && p99 <= goalMs
  return [
    {
      figure: `COMMIT of \`UPDATE users\` to the last socket of one user closed, 3 nodes, ${grouped(measured.sockets)} sockets; ${condition}`,
      goal,
      measured:
        `${told(oneByOne)}; ${grouped(oneByOne.count)} revocations of ${String(SOCKETS_PER_USER)} sockets each, ` +
        `${String(missed)} missed${cut === 0 ? '' : `, ${grouped(cut)} listening backends cut`}`,
      met: isMet(oneByOne.p99),
    },
    {
      figure: 'The same, all users in one `UPDATE`, to the last of all sockets',
      goal,
      measured:
        `${told(together)}; ${grouped(together.count)} times ${grouped(measured.sockets)} sockets. ` +
        `Nodes and clients compute ${measured.togetherCpuMs.toFixed(0)} ms of CPU for it; with connecting, nodes ` +
        `${measured.nodeCpuSeconds.toFixed(1)} s and clients ${measured.loadCpuSeconds.toFixed(1)} s in ${measured.wallSeconds.toFixed(1)} s`,
      met: isMet(together.p99),
      ...(isMet(together.p99) ? {} : { remark: TOGETHER_REMARK }),
    },
  ]
}

const TOGETHER_REMARK =
  'Cause: it is CPU work, about twice that of the floor (a notice, a close frame and a log row for each socket), ' +
  'beside PostgreSQL and the clients on the same cores'

const measureStock = async (
  users: readonly string[],
  rounds: number,
): Promise<ReturnType<typeof summariseWaves>> => {
  await using stock = await startStock()
  const crowd: Crowd = {
    users,
    socketsPerUser: SOCKETS_PER_USER,
    urlOf: () => stock.url,
    nodes: 1,
    tokenFor: (userId) => userId,
    pids: [stock.pid],
  }
  const waves: Wave[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const way of WAYS) {
      waves.push(
        await measureWave(crowd, way, (ids) => revokeTogether(() => stock.order({ revoke: ids }))),
      )
    }
  }
  return summariseWaves(waves)
}

const stockFinding = (stock: ReturnType<typeof summariseWaves>): Finding => ({
  figure:
    'Floor: stock Socket.IO, one node, no database, `io.in(room).disconnectSockets(true)`, same clients and clock',
  goal: 'none',
  measured: `One user at a time: ${told(stock.oneByOne)}. All at once: ${told(stock.together)}, of which node and clients compute ${stock.togetherCpuMs.toFixed(0)} ms. ${String(stock.missed)} missed`,
  met: true,
})
