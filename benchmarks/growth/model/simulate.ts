import type { Random } from '../../../e2e/rig/random.js'

/** What each stage of the way from COMMIT to the screen takes, in ms; CPU where nothing else is said. */
export interface StageCosts {
  /** What a writer does before COMMIT, on PostgreSQL. */
  readonly statement: number
  /** COMMIT itself: the triggers and the numbering, on PostgreSQL, while the head is held. */
  readonly commit: number
  /** Waits for the disk with the head held; drawn from these. */
  readonly sync: readonly number[]
  /** The writer's own work for a change. */
  readonly writer: number
  /** From the end of COMMIT to a node's ear, and whatever else has no name. */
  readonly wire: number
  /** A node's read of the log: of PostgreSQL, and of the node. */
  readonly read: number
  readonly nodeRead: number
  /** A node writes one batch to one client. */
  readonly deliver: number
  /** A client takes it. */
  readonly receive: number
}

export interface Topology {
  readonly nodes: number
  readonly clientsPerNode: number
  /**
   * Processors of PostgreSQL, while each node has its own; or `shared`: the nodes share one, and PostgreSQL, writers and clients
   * another, as where it is measured.
   */
  readonly postgres: number | 'shared'
}

export interface SimulatedLoad {
  readonly perSecond: number
  readonly count: number
  /** `clock`: one every 1/perSecond. `chance`: independent of each other. */
  readonly arrivals: 'clock' | 'chance'
}

/** Takes what comes in its order, on whichever processor is free first: when what comes at `from` and takes `ms` is done. */
type Server = (from: number, ms: number) => number

const createServer = (processors = 1): Server => {
  const freeAt = Array.from({ length: processors }, () => 0)
  return (from, ms) => {
    const first = freeAt.indexOf(Math.min(...freeAt))
    const done = Math.max(from, freeAt[first] ?? 0) + ms
    freeAt[first] = done
    return done
  }
}

interface Event {
  readonly at: number
  readonly run: (now: number) => void
}

/**
 * Plays changes through writers, PostgreSQL, the nodes that tail its log, and their clients; returns how long after COMMIT was sent
 * each client of each node had each change, in ms.
 */
export const simulate = (
  costs: StageCosts,
  { nodes, clientsPerNode, postgres: processors }: Topology,
  { perSecond, count, arrivals }: SimulatedLoad,
  random: Random,
): Float64Array => {
  const isShared = processors === 'shared'
  const agenda = createAgenda()
  const postgres = createServer(isShared ? 1 : processors)
  const head = createServer()
  const firstNode = createServer()
  const times = new Float64Array(count * nodes * clientsPerNode)
  let seen = 0
  const sentAt: number[] = []
  /** Changes in the order of the log. */
  const committed: number[] = []

  const tails = Array.from({ length: nodes }, (_, index) => {
    const node = isShared || index === 0 ? firstNode : createServer()
    let [passed, isReading, isAsked] = [0, false, false]
    const read = (now: number): void => {
      if (isReading) {
        isAsked = true
        return
      }
      isReading = true
      agenda.add(postgres(now, costs.read), (answered) => {
        const upTo = committed.length
        agenda.add(node(answered, costs.nodeRead), (decoded) => {
          handOver(decoded, upTo)
        })
      })
    }
    const handOver = (now: number, upTo: number): void => {
      let written = now
      const changes = committed.slice(passed, upTo)
      passed = upTo
      for (let client = 0; changes.length > 0 && client < clientsPerNode; client += 1) {
        written = node(now, costs.deliver)
        agenda.add(written, (at) => {
          const heard = isShared ? postgres(at, costs.receive) : at + costs.receive
          for (const change of changes) {
            times[seen] = heard - (sentAt[change] ?? 0)
            seen += 1
          }
        })
      }
      agenda.add(written, (at) => {
        isReading = false
        if (!isAsked) return
        isAsked = false
        read(at)
      })
    }
    return read
  })

  let begin = 0
  for (let change = 0; change < count; change += 1) {
    const at = begin
    begin += (arrivals === 'clock' ? 1 : -Math.log(1 - random.next())) * (1_000 / perSecond)
    agenda.add(at, (now) => {
      agenda.add(postgres(now, costs.statement + (isShared ? costs.writer : 0)), (sent) => {
        sentAt[change] = sent
        agenda.add(postgres(sent, costs.commit), (numbered) => {
          agenda.add(head(numbered, random.pick(costs.sync)), (done) => {
            committed.push(change)
            for (const read of tails) agenda.add(done + costs.wire, read)
          })
        })
      })
    })
  }
  agenda.run()
  return times.subarray(0, seen)
}

/** What comes next, by time; what comes at the same time, in the order in which it was added. */
const createAgenda = () => {
  const heap: (Event & { readonly order: number })[] = []
  let added = 0
  const isBefore = (a: number, b: number): boolean => {
    const [one, other] = [heap[a], heap[b]]
    if (one === undefined || other === undefined) return false
    return one.at < other.at || (one.at === other.at && one.order < other.order)
  }
  const swap = (a: number, b: number): void => {
    const [one, other] = [heap[a], heap[b]]
    if (one === undefined || other === undefined) return
    heap[a] = other
    heap[b] = one
  }
  const add = (at: number, run: Event['run']): void => {
    heap.push({ at, run, order: (added += 1) })
    for (let place = heap.length - 1; place > 0;) {
      const parent = (place - 1) >> 1
      if (!isBefore(place, parent)) return
      swap(place, parent)
      place = parent
    }
  }
  const take = (): Event | undefined => {
    const last = heap.length - 1
    swap(0, last)
    const first = heap.pop()
    for (let place = 0; ;) {
      let least = place
      for (const child of [2 * place + 1, 2 * place + 2]) if (isBefore(child, least)) least = child
      if (least === place) return first
      swap(place, least)
      place = least
    }
  }
  return {
    add,
    run: () => {
      for (let next = take(); next !== undefined; next = take()) next.run(next.at)
    },
  }
}
