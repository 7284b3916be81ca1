import { fromMarks, intoMarks } from '../frame/document.js'
import type { Measurement, Run } from '../frame/run.js'
import { RIG_SETTINGS } from './settings.js'

export const DOCUMENT = 'docs/security-figures.md'

/** The part of it that another command writes. */
export const REVOCATION_PART = 'written by `npm run figures:revocation`'

/** The document, formatted as the tree's others are; `before` is what it was, whose part by another command stays. */
export const toDocument = async (
  run: Run,
  measurements: readonly Measurement[],
  before: string,
): Promise<string> => {
  const rows = measurements.flatMap(({ findings }) => findings)
  const text = `# Security figures

Written by \`npm run figures:security\`, and one part by \`npm run figures:revocation\`; change benchmarks/security and
benchmarks/revocation instead. It needs no service beside it, starts its
own, stays on loopback, and takes about ${String(Math.ceil(total(measurements) / 60))} minutes on the machine below (\`-- --quick\`: one, a twentieth of the sizes, prints only).

|  |  |
| --- | --- |
| Command | \`${run.command}\` |
| Machine | ${run.machine} |
| Date | ${run.date} UTC |
| Commit | ${run.commit} |
| Seed | ${String(run.seed)} |

| Figure | Goal | Measured | |
| --- | --- | --- | --- |
${rows.map(({ figure, goal, measured, met, remark }) => `| ${[figure, goal, remark === undefined ? measured : `${measured}. ${remark}`, goal === 'none' ? '' : met ? 'met' : '**missed**'].map(cell).join(' | ')} |`).join('\n')}
| Malformed and forged handshakes | 0 accepted, 0 crashes, 0 bytes outside the allow-list | Measured by a command of its own: \`npx vitest run e2e/hostile.test.ts\` | |

Load average of the machine before and after each part, with ${total(measurements).toFixed(0)} s in all: ${measurements.map(({ name, loadBefore, loadAfter, seconds }) => `${name} ${loadBefore.toFixed(1)} to ${loadAfter.toFixed(1)} (${seconds.toFixed(0)} s)`).join('; ')}. The clients, three nodes, PostgreSQL and Redis share the machine with each other and with whatever else runs (during the figures kept in the tree: tests and builds); times are upper bounds for it.

## The end of a right, on all nodes and under load

<!-- ${REVOCATION_PART} -->
<!-- to here -->

${METHOD}`
  return intoMarks(DOCUMENT, text, REVOCATION_PART, fromMarks(before, REVOCATION_PART))
}

const total = (measurements: readonly Measurement[]): number =>
  measurements.reduce((sum, { seconds }) => sum + seconds, 0)

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const METHOD = `## How it is measured

- **The rig.** Three nodes as built, each a process; one PostgreSQL with \`fsync\` on; one Redis. Settings other than the defaults: ${Object.entries(
  RIG_SETTINGS,
)
  .map(([name, value]) => `\`${name}=${value}\``)
  .join(
    ', ',
  )}. All clients live in one process and speak WebSocket by hand on TCP sockets, so one monotonic clock times everything and every byte is counted.
- **Revocation.** The clock starts in the client process right before it sends \`COMMIT\`, so the commit itself is part of the time; it ends when the last TCP connection has ended there. Ten sockets a user over three nodes. Each round is run twice: user by user, and all of them in one \`UPDATE\`. Then all are re-activated and connect again with new tokens. The goal is asked of both. A socket that is open after 15 s is missed. LISTEN is cut in two ways: backends terminated, which the nodes notice, and backends stopped, which nobody is told of; then only the poll of the log tells.
- **Bytes after an acknowledgement.** The process reads \`revocation_acks\` until a node's row is there. In the tick in which it sees the row it reads the kernel's table of connections: what has arrived by then waits in the receive queue, or the connection is gone and nothing can arrive. What is read from the socket later, less that queue, came after the acknowledgement. Slow readers stop reading before megabytes of events are sent to them, and read on when all acknowledgements are in.
- **Handshake.** The service runs in the process, on PostgreSQL, with its look-up of the user delayed by 10 ms before the query and 15 ms after it; the revocation is committed 0 to 49 ms after the client begins to connect.
- **Roles.** Each interleaving is a role change and some stock changes started together on separate connections; one in five puts both into one transaction. The log of the database tells for each number which role the user had; each socket must have received exactly the numbers of its pharmacist times.
- **Expiry.** Client and nodes share the machine's clock. Sockets of the other half refresh in band and must hold every number of the log since they connected.
- **Shares.** One node on a database of its own with 2,000 items, and its log of them; the flood is a process of its own whose callers ask again as soon as they have an answer, whatever that says. Beside it one other user reads an item each 20 ms, connects and is admitted each 100 ms, and the administrator logs in each 200 ms. The floor is the same node with \`MAX_REQUESTS_PER_USER=1000000\`.
- **Attempts.** Each connection carries its own name as user agent and counts what it attempted; the rows of that name are compared with it one by one after the nodes have written their queues.
`
