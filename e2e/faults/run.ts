import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { check, type Verdict } from './checker/check.js'
import { tryForgedPositions } from './clients/forged.js'
import { dumpDatabase, type Dump } from './dump.js'
import { createRecorder, type History, type Recorder } from './history.js'
import { runFaults } from './nemesis/nemesis.js'
import type { PlannedFault } from './nemesis/schedule.js'
import { createRandom } from '../rig/random.js'
import { searchSecrets, watchRedis } from './rig/leaks.js'
import { populate } from './rig/population.js'
import { createRig, type Rig } from './rig/rig.js'
import { createTokenBook } from './rig/token-book.js'
import { startCrowd, type Crowd, type CrowdSize } from './workload/crowd.js'
import { healAll, untilRecovered } from './workload/recovery.js'
import { every, pause } from './workload/pace.js'
import { createRest } from '../rig/rest.js'

export interface RunOptions {
  readonly seed: number
  /** Holds `dist/main.js`. */
  readonly root: string
  /** Where history, logs and report go. */
  readonly folder: string
  readonly faults: readonly PlannedFault[]
  readonly nodeCount: number
  readonly cluster: boolean
  readonly size: CrowdSize
  /** Load without faults before the first, and after the last. */
  readonly calmMs: number
  /** How long to wait at the end for clients that are behind. */
  readonly atHeadWithinMs: number
  readonly env?: Readonly<Record<string, string>>
  /** Stops to begin faults after so many minutes, and waits after each until the world has come back. Default: neither. */
  readonly minutes?: number
  /** Whether PostgreSQL has a standby. Default: none. */
  readonly standby?: boolean
  /** Something more to do before the faults, such as a drill for one build. */
  readonly drill?: (world: DrillWorld) => Promise<void>
  readonly say: (line: string) => void
}

export interface DrillWorld {
  readonly rig: Rig
  readonly crowd: Crowd
  readonly recorder: Recorder
}

export interface RunResult {
  readonly history: History
  readonly dump: Dump
  readonly verdict: Verdict
}

const SETTLE_ROUNDS = 5

/** One run: starts everything, loads it, breaks it, heals it, and decides what it saw. Ends all that it started. */
export const run = async (options: RunOptions): Promise<RunResult> => {
  const { seed, folder, say } = options
  const random = createRandom(seed)
  const recorder = createRecorder()
  await mkdir(folder, { recursive: true })
  const rig = await createRig({ ...options, recorder, random: random.fork('rig') })
  const rest = createRest()
  try {
    // The first migrates; the others start at once on what it made.
    await rig.nodes[0]?.start()
    const population = await populate(rig, options.size)
    await Promise.all(rig.nodes.slice(1).map((node) => node.start()))
    say(`${String(rig.nodes.length)} nodes are up`)
    const stopSpy = watchRedis(rig, recorder)
    const tokens = createTokenBook(rig.secret, recorder.now)
    const crowd = await startCrowd({ rig, rest, recorder, random, tokens, population, ...options })
    const memory = every(
      () => 2_000,
      async () => {
        for (const node of rig.nodes) {
          recorder.add({ op: 'memory', node: node.name, rssMb: node.rssMb() })
        }
        await Promise.resolve()
      },
    )

    const heartbeat = every(
      () => 60_000,
      async () => {
        const own = Math.round(process.memoryUsage().rss / 2 ** 20)
        const nodes = rig.nodes.map((node) => `${node.name} ${String(node.rssMb())}`)
        say(
          `alive: ${String(recorder.history().records.length)} records, ${String(own)} MB; MB of nodes: ${nodes.join(', ')}`,
        )
        await Promise.resolve()
      },
    )

    await pause(options.calmMs)
    await options.drill?.({ rig, crowd, recorder })
    const probe = (): Promise<number> => sentinel(rig, population.skus[0])
    await runFaults(options.faults, {
      rig,
      recorder,
      crowd,
      say,
      ...(options.minutes === undefined
        ? {}
        : {
            until: performance.now() + options.minutes * 60_000,
            onFailure: ({ id }, error) => healAll(id, error, { rig, recorder, say }),
            afterEach: ({ id }) => untilRecovered(id, { rig, crowd, recorder, probe, say }),
          }),
    })
    recorder.add({ op: 'healed', seq: await probe() })
    await pause(options.calmMs)
    say('all faults are over, waiting for everybody')
    await crowd.stopWriting()
    await settle(crowd, probe, options.atHeadWithinMs)
    crowd.final()
    await forge(rig, recorder, tokens, population.admin.id)
    await crowd.stop()
    await memory.stop()
    await heartbeat.stop()
    await pause(500)
    await deadRunsClosed(rig)
    for (const node of rig.nodes) await node.terminate()
    stopSpy()
    await searchSecrets(rig, tokens.secrets(), recorder)

    const dump = await dumpDatabase(rig, rig.nodes.map((node) => node.output()).join('\n'))
    const history = recorder.history()
    say(`${String(history.records.length)} records, ${String(dump.log.length)} entries; checking`)
    await recorder.write(join(folder, 'history.jsonl'))
    await writeFile(join(folder, 'dump.json'), JSON.stringify(dump))
    return { history, dump, verdict: check(history, dump) }
  } catch (error) {
    // What led to it is worth more than what it ended with.
    await recorder.write(join(folder, 'history.jsonl'))
    throw error
  } finally {
    rest.close()
    await rig.close()
  }
}

/**
 * Resolves when everybody has his right back and was given the time to see the last change. Who lost a right meanwhile by
 * a change that came late gets it back, and everybody is waited for again.
 */
const settle = async (
  { revoker, atHead }: Crowd,
  lastChange: () => Promise<number>,
  withinMs: number,
): Promise<void> => {
  for (let round = 0; round < SETTLE_ROUNDS; round += 1) {
    await revoker.mend()
    await atHead(await lastChange(), withinMs)
    if ((await revoker.mend()) === 0) return
  }
  throw new Error('Users lose their rights although nobody takes them any more.')
}

/** One more change that everybody must see; its number. Rejects where the database takes none for `withinMs`. */
const sentinel = async (rig: Rig, sku = '', withinMs = 60_000): Promise<number> => {
  const deadline = performance.now() + withinMs
  for (;;) {
    try {
      return await rig.sql(async (client) => {
        await client.query('update inventory_items set threshold = threshold + 1 where sku = $1', [
          sku,
        ])
        const { rows } = await client.query<{ seq: string }>(
          `select max(seq) as seq from event_log where name = 'inventory:update'`,
        )
        return Number(rows[0]?.seq ?? 0)
      })
    } catch (error) {
      if (performance.now() > deadline) throw error
      await pause(200)
    }
  }
}

/**
 * The living close the sockets of a killed node on record within 85 s; whoever ends the last of them earlier takes away
 * who would do it. What is not closed then is the checker's to tell.
 */
const deadRunsClosed = async (rig: Rig): Promise<void> => {
  const deadline = performance.now() + 85_000
  while (performance.now() < deadline) {
    const { rows } = await rig.sql((client) =>
      client.query<{ open: string }>('select count(*) as open from nodes where ended_at is null'),
    )
    if (Number(rows[0]?.open) <= rig.nodes.length) return
    await pause(250)
  }
}

const forge = async (
  rig: Rig,
  recorder: Recorder,
  tokens: ReturnType<typeof createTokenBook>,
  userId: string,
): Promise<void> => {
  const [node] = rig.nodes
  if (node === undefined) return
  const { epoch, seq } = await rig.sql(async (client) => {
    const { rows } = await client.query<{ epoch: string; seq: string }>('select * from log_head')
    return { epoch: rows[0]?.epoch ?? '', seq: Number(rows[0]?.seq) }
  })
  await tryForgedPositions({
    node,
    recorder,
    userId,
    token: tokens.of(userId),
    head: { epoch, seq },
  })
}
