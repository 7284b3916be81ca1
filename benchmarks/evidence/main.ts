import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { leafOf, textsHash } from '../../src/audit/evidence/leaf.js'
import { writeExportLine, type ExportLine } from '../../src/audit/evidence/lines.js'
import { growTree } from '../../src/audit/evidence/merkle.js'
import { signHead, verifierOf } from '../../src/audit/evidence/note.js'
import { verifyExport } from '../../src/audit/evidence/verify-export.js'

// What it takes to verify an export of so many movements, with a head each 1,000: processor time, and the most memory.
// Whoever makes the rows works in the same process, so that is measured first, alone.
const rows = Number(process.argv[2] ?? '1000000')
const { privateKey } = generateKeyPairSync('ed25519')
const signer = { ...verifierOf(privateKey), privateKey }
const origin = 'uzima/00000000-0000-4000-8000-000000000000/00000000-0000-4000-8000-000000000000'

const linesOf = function* (): Generator<ExportLine> {
  const tree = growTree()
  yield { uzima: 'evidence', version: 1 }
  yield { tree: { origin, from: 0, frontier: [] } }
  const salts = randomBytes(16).toString('hex')
  for (let n = 0; n < rows; n += 1) {
    const lots = `[{"after": 9, "delta": -1, "before": 10, "lotNumber": "L${n.toString()}", "expiryDate": "2099-01-31"}]`
    const row = [
      ...['stock_movement', n.toString(), n, 'AMOX-500', 'consumed', -1, 10, 9, lots],
      ...['7b1b8d0c-54b2-4cd7-9a38-3c2a8a2d4a11', '2026-01-31T12:00:00.123456Z'],
    ]
    const texts = ['asha', 'ward round']
    const leaf = leafOf(row, textsHash(salts, texts))
    tree.append(leaf)
    yield { n, row, texts, salt: salts, leaf: leaf.toString('hex') }
    if ((n + 1) % 1_000 === 0 || n + 1 === rows) {
      const head = {
        origin,
        size: n + 1,
        root: tree.root().toString('hex'),
        at: '2026-01-31T12:00:00.000Z',
      }
      const note = signHead(head, [signer])
      yield { head: note }
    }
  }
}

const PIECE_BYTES = 65_536

const bytesOf = async function* (): AsyncGenerator<Buffer> {
  const digest = createHash('sha256')
  let lines = 0
  let piece = ''
  for (const line of linesOf()) {
    piece += `${writeExportLine(line)}\n`
    lines += 1
    if (piece.length < PIECE_BYTES) continue
    digest.update(piece)
    yield Buffer.from(piece)
    piece = ''
  }
  digest.update(piece)
  yield Buffer.from(
    `${piece}${writeExportLine({ end: { lines, sha256: digest.digest('hex') } })}\n`,
  )
}

const cpuSeconds = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1e6
}

const before = process.cpuUsage()
let bytes = 0
for await (const piece of bytesOf()) bytes += piece.length
const making = cpuSeconds(before)

const both = process.cpuUsage()
// The heads are signed anew, with the same key: they are the same bytes.
const verdict = await verifyExport(bytesOf(), { checkpoints: [], keys: [signer] })
const verifying = cpuSeconds(both) - making
if (verdict.problems.length > 0) throw new Error(verdict.problems.join('\n'))
const megabytes = process.resourceUsage().maxRSS / 1_024
console.log(
  `${rows.toString()} rows, ${(bytes / 1e6).toFixed(0)} MB: ${verifying.toFixed(1)} s of processor time to verify, at most ${megabytes.toFixed(0)} MB of memory (${making.toFixed(1)} s to make them)`,
)
