/**
 * Preloaded into a node (`--import`): notes when a notification came, when the log was read and when a close frame was written, by
 * the clock that all processes of the machine share, and writes it into a file when it is asked to. Nothing of the node is changed,
 * and nothing of this is in it elsewhere.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import pg from 'pg'
import { fileOf, monotonicMs, TELL, type NodeMoments } from './moments.js'

const moments: NodeMoments = { notified: [], reads: [], closings: [] }

const emit = pg.Client.prototype.emit
pg.Client.prototype.emit = function (this: pg.Client, name, ...args) {
  if (name === 'notification') moments.notified.push(monotonicMs())
  return emit.call(this, name, ...args)
}

/** What reads the head together with the entries behind it; see src/log/event-log.ts. */
const READS_THE_LOG = 'select epoch, seq as head_seq'

type Query = (...args: unknown[]) => unknown
const query = Reflect.get(pg.Client.prototype, 'query') as Query
Reflect.set(pg.Client.prototype, 'query', function (this: pg.Client, ...args: unknown[]) {
  const begunAt = monotonicMs()
  const result = query.apply(this, args)
  const { text } = (args[0] ?? {}) as { readonly text?: string }
  if (text?.startsWith(READS_THE_LOG) !== true || !(result instanceof Promise)) return result
  return result.then((answer: { readonly rows: readonly { readonly head_seq: number }[] }) => {
    moments.reads.push({
      begunAt,
      endedAt: monotonicMs(),
      head: answer.rows[0]?.head_seq ?? 0,
    })
    return answer
  })
})

const write = Socket.prototype.write as Query
Reflect.set(Socket.prototype, 'write', function (this: Socket, ...args: unknown[]) {
  const [bytes] = args
  if (bytes instanceof Uint8Array && endsWithClose(bytes)) {
    moments.closings.push({ port: this.remotePort ?? 0, writtenAt: monotonicMs() })
  }
  return write.apply(this, args)
})

/** A close frame of a server that says nothing more; no text ends like this. */
const endsWithClose = (bytes: Uint8Array): boolean => bytes.at(-2) === 0x88 && bytes.at(-1) === 0

process.on(TELL, () => {
  const file = fileOf(process.env['PROBE_FOLDER'] ?? '', process.env['NODE_NAME'] ?? '')
  writeFileSync(`${file}.part`, JSON.stringify(moments))
  renameSync(`${file}.part`, file)
})
