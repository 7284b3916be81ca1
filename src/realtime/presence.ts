import { randomUUID } from 'node:crypto'
import {
  connectionSchema,
  systemNodeSchema,
  type Connection,
  type SystemNode,
} from '@uzima/contracts'
import { z } from 'zod'
import type { Presence } from '../ports/realtime.js'
import { isoTime } from './expiry.js'
import type { RedisLink } from './redis.js'
import type { Session } from './session.js'
import type { Sessions } from './sessions.js'

/** Presence as this node takes part in it. */
export interface NodePresence extends Presence {
  /** What this node says of itself; must not reject. Before, it says nothing: the others name it as missing. */
  readonly answerSystem: (describe: () => Promise<SystemNode>) => void
  readonly close: () => Promise<void>
}

export interface PresenceOptions {
  readonly nodeName: string
  readonly sessions: Sessions
  /** Without it there is one node. */
  readonly redis: RedisLink | undefined
  /** Milliseconds since 1970, by a clock that all nodes share. */
  readonly now: () => number
  /** Longest time to an answer. Default 350 ms, so that a caller has it within 500 ms. */
  readonly answerWithinMs?: number
}

const questionSchema = z.object({
  id: z.string(),
  replyTo: z.string(),
  from: z.string(),
  ask: z.union([
    z.object({ type: z.literal('connections') }),
    z.object({ type: z.literal('disconnect'), socketId: z.string() }),
    z.object({ type: z.literal('system') }),
  ]),
})
type Question = z.infer<typeof questionSchema>

/** A node of the version before tells the user's own role only. */
const answeredSchema = connectionSchema
  .partial({ roles: true })
  .transform((told) => ({ ...told, roles: told.roles ?? [told.role] }))

const answerSchema = z.object({
  id: z.string(),
  from: z.string(),
  connections: z.array(answeredSchema).optional(),
  disconnected: z.boolean().optional(),
  system: systemNodeSchema.optional(),
})
type Answer = z.infer<typeof answerSchema>

const QUESTIONS = 'presence:questions'
const NODES = 'presence:nodes'
const HEARTBEAT_EVERY_MS = 2_000
/** A node that has not been heard of for so long is gone, not silent. */
const NODE_TTL_MS = 10_000

/** Enters the node with the time, and forgets those that are gone; the whole set goes with its last node. */
const BEAT = `
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[3])
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])`

export const createPresence = (options: PresenceOptions): NodePresence => {
  const { nodeName, sessions, redis, now } = options
  const answerWithinMs = options.answerWithinMs ?? 350
  const replyTo = `presence:answers:${randomUUID()}`
  const waiting = new Map<string, (answer: Answer) => void>()
  let describeNode: (() => Promise<SystemNode>) | undefined
  /** The other nodes as Redis last told: the silent ones are named even when Redis is one of them. */
  let lastKnown: string[] = []
  /** Nodes known before Redis was away, and until when: a restarted one has forgotten those that stand still. */
  let carried: { readonly names: readonly string[]; readonly untilMs: number } | undefined

  const localConnections = (): Connection[] =>
    [...sessions.all()].map((session) => describe(session, nodeName))

  const disconnectLocal = (socketId: string): boolean => {
    const session = sessions.bySocketId(socketId)
    session?.close('AUTH_SESSION_REVOKED')
    return session !== undefined
  }

  const answerTo = async ({ id, replyTo: asker, ask }: Question): Promise<void> => {
    const told = await tell(ask)
    if (told === undefined) return
    const answer: Answer = { id, from: nodeName, ...told }
    await redis?.publish(asker, JSON.stringify(answer))
  }

  const tell = async (ask: Question['ask']): Promise<Omit<Answer, 'id' | 'from'> | undefined> => {
    if (ask.type === 'connections') return { connections: localConnections() }
    if (ask.type === 'disconnect') return { disconnected: disconnectLocal(ask.socketId) }
    const system = await describeNode?.()
    return system === undefined ? undefined : { system }
  }

  const beat = (): void => {
    redis?.script(BEAT, NODES, now(), nodeName, NODE_TTL_MS).catch(ignoreOutage)
  }
  redis?.subscribe(QUESTIONS, (message) => {
    const { data: question } = questionSchema.safeParse(JSON.parse(message.toString()))
    if (question === undefined || question.from === nodeName) return
    void answerTo(question)
  })
  redis?.subscribe(replyTo, (message) => {
    const { data: answer } = answerSchema.safeParse(JSON.parse(message.toString()))
    if (answer !== undefined) waiting.get(answer.id)?.(answer)
  })
  const heartbeat = redis === undefined ? undefined : setInterval(beat, HEARTBEAT_EVERY_MS)
  beat()
  redis?.onConnected(() => {
    carried = { names: lastKnown, untilMs: performance.now() + NODE_TTL_MS }
    beat()
  })

  const otherNodes = async (): Promise<string[]> => {
    if (redis === undefined) return []
    const listed = await redis.membersFrom(NODES, now() - NODE_TTL_MS)
    const kept = carried !== undefined && performance.now() < carried.untilMs ? carried.names : []
    lastKnown = [...new Set([...listed, ...kept])].filter((name) => name !== nodeName)
    return lastKnown
  }
  /** Asks all others; resolves with what came in time, and the names of those that stayed silent. */
  const askOthers = async (
    ask: Question['ask'],
    isEnough: (answer: Answer) => boolean = () => false,
  ): Promise<{ readonly answers: Answer[]; readonly silent: string[] }> => {
    const deadline = performance.now() + answerWithinMs
    const silent = new Set(await within(answerWithinMs / 3, otherNodes()).catch(() => lastKnown))
    const answers: Answer[] = []
    if (redis === undefined) return { answers, silent: [] }
    const id = randomUUID()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadline - performance.now())
      // Where Redis takes no keys, the others are known only by hearing the question, as this node does itself.
      let asked = Number.POSITIVE_INFINITY
      const endWhere = (isDone: boolean): void => {
        if (!isDone && (silent.size > 0 || answers.length + 1 < asked)) return
        clearTimeout(timer)
        resolve()
      }
      waiting.set(id, (answer) => {
        answers.push(answer)
        silent.delete(answer.from)
        endWhere(isEnough(answer))
      })
      void redis
        .publish(QUESTIONS, JSON.stringify({ id, replyTo, from: nodeName, ask }))
        .then((receivers) => {
          asked = receivers
          // Nobody, not even this node, has heard it: nobody will answer.
          endWhere(receivers === 0)
        })
    })
    waiting.delete(id)
    return { answers, silent: [...silent] }
  }

  return {
    async connections() {
      const { answers, silent } = await askOthers({ type: 'connections' })
      return {
        connections: [
          ...localConnections(),
          ...answers.flatMap((answer) => answer.connections ?? []),
        ],
        nodes: [nodeName, ...answers.map((answer) => answer.from)].sort(),
        missingNodes: silent.sort(),
      }
    },
    async disconnect(socketId) {
      if (disconnectLocal(socketId)) return true
      const { answers } = await askOthers(
        { type: 'disconnect', socketId },
        (answer) => answer.disconnected === true,
      )
      return answers.some((answer) => answer.disconnected === true)
    },
    answerSystem(describe) {
      describeNode = describe
    },
    async system() {
      const [own, { answers, silent }] = await Promise.all([
        describeNode?.(),
        askOthers({ type: 'system' }),
      ])
      const others = answers.flatMap(({ system }) => system ?? [])
      return {
        answeredBy: nodeName,
        nodes: [...(own === undefined ? [] : [own]), ...others].sort((a, b) =>
          a.node < b.node ? -1 : 1,
        ),
        missingNodes: silent.sort(),
      }
    },
    async close() {
      clearInterval(heartbeat)
      await redis?.removeMember(NODES, nodeName).catch(ignoreOutage)
    },
  }
}

const ignoreOutage = (): void => {
  // Without Redis there is nobody to tell; the next beat tells it.
}

/** Rejects where `work` takes longer: a Redis that stands still must not hold the answer. */
const within = async <T>(limitMs: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('Redis has not answered in time.'))
    }, limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const describe = (session: Session, node: string): Connection => {
  const { socket } = session
  const { user, claims } = session.principal()
  return {
    socketId: socket.id,
    userId: user.id,
    username: user.username,
    role: session.viewer().role,
    roles: [...session.viewer().roles],
    node,
    ip: socket.data.facts.ip,
    userAgent: socket.data.facts.userAgent,
    transport: socket.conn.transport.name,
    connectedAt: session.connectedAt.toISOString(),
    sessionExpiresAt: isoTime(claims.expiresAt),
  }
}
