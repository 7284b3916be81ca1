import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseNotes, parseVerifier } from '../../src/audit/evidence/note.js'
import { verifyExport } from '../../src/audit/evidence/verify-export.js'
import { expect } from 'vitest'
import { liveAndHandOver, uzima, type Said } from './clinic.js'

const FILES = ['--export', 'export.jsonl', '--checkpoint', 'checkpoint.txt', '--key', 'keys.txt']

/** The whole walk of an auditor; `scale` is how many movements there are, and how many bytes are changed. */
export const walk = async (scale: number): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'uzima-auditor-'))
  try {
    const happened = await liveAndHandOver(folder, scale)
    expect((await readdir(folder)).sort()).toEqual([
      'checkpoint.txt',
      'export.jsonl',
      'keys.txt',
      'older.txt',
    ])
    const verify = (...files: readonly string[]): Promise<Said> =>
      uzima(['audit', 'verify', ...files], folder)
    const ask = async (...question: readonly string[]): Promise<Record<string, unknown>[]> => {
      const said = await uzima(['audit', 'answer', ...question, '--json', ...FILES], folder)
      expect(said.stderr).toBe('')
      return (JSON.parse(said.stdout) as { answer: Record<string, unknown>[] }).answer
    }

    const whole = await verify(...FILES)
    expect(whole).toMatchObject({ code: 0, stderr: '' })
    expect(whole.stdout).toMatch(
      /every one holds\.\nThe checkpoint proves the first \d+ rows, up to /,
    )

    // Who could see the item then?
    const { noon, ids, revokedAt } = happened
    const couldSee = await ask('could-see', 'AMOX', '--at', noon)
    expect(couldSee.map(({ user, roles, until, nodes }) => [user, roles, until, nodes])).toEqual(
      expect.arrayContaining([
        ['zawadi', 'admin', null, 'ward-a, ward-b'],
        ['juma', 'doctor', null, 'ward-a, ward-b'],
      ]),
    )
    expect(couldSee.find(({ user }) => user === 'locum')).toMatchObject({
      roles: expect.stringContaining('pharmacist'),
    })

    // Was break-glass used, by whom, and who closed the review?
    expect(await ask('break-glass')).toMatchObject([
      {
        ...{ user: 'locum', role: 'inventory_manager', reason: 'a bus accident' },
        ...{ reviewedBy: 'zawadi', reviewNote: 'it was right' },
      },
    ])

    // When did his access really end, by whom, node by node?
    const ended = await ask('access-ended', 'juma')
    expect(ended.map(({ node }) => node).sort()).toEqual(['ward-a', 'ward-b'])
    for (const row of ended) {
      expect(row).toMatchObject({ user: 'juma', by: 'zawadi', ended: 'deactivated' })
      expect(String(row['committedAt']).slice(0, 23)).toBe(revokedAt.slice(0, 23))
      expect(row['ackedAt']).not.toBeNull()
    }
    expect(ended.map(({ socketsClosed }) => socketsClosed).sort()).toEqual([0, 1])

    // Who moved the lot, and when?
    const moves = await ask('moved', 'L1')
    expect(moves.map(({ by, delta, reason }) => [by, delta, reason])).toEqual([
      ['delivery', 10, null],
      ['zawadi', -3, 'ward round'],
      ['zawadi', -2, null],
    ])
    expect(await ask('moved', 'L2')).toHaveLength(scale + 1)

    // Who was connected then?
    const connected = await ask('connected', '--at', noon)
    expect(connected.map(({ user, userId, node }) => [user, userId, node]).sort()).toEqual([
      ['juma', ids.juma, 'ward-b'],
      ['zawadi', ids.zawadi, 'ward-a'],
    ])

    await tamper(folder, scale, verify)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const tamper = async (
  folder: string,
  scale: number,
  verify: (...files: readonly string[]) => Promise<Said>,
): Promise<void> => {
  const file = await readFile(join(folder, 'export.jsonl'))
  const lines = file.toString().trimEnd().split('\n')
  const [checkpoints, keys] = [
    parseNotes(await readFile(join(folder, 'checkpoint.txt'), 'utf8')),
    (await readFile(join(folder, 'keys.txt'), 'utf8')).trim().split('\n').map(parseVerifier),
  ]
  const problemsOf = async (bytes: Buffer): Promise<string> => {
    const verdict = await verifyExport(inPieces(bytes), { checkpoints, keys }).catch(String)
    return typeof verdict === 'string' ? verdict : verdict.problems.join('\n')
  }
  const changed = (next: readonly string[]): Promise<string> =>
    problemsOf(Buffer.from(next.map((line) => `${line}\n`).join('')))
  const at = lines.findLastIndex((line) => line.includes('["stock_movement"'))
  const row = /^\{"n":(\d+),"row":\["stock_movement","(\d+)"/.exec(lines[at] ?? '')
  const name = `Row ${row?.[1] ?? ''} (stock_movement ${row?.[2] ?? ''})`
  expect(await changed(lines.with(at, (lines[at] ?? '').replace('-2', '-3')))).toContain(
    `${name} was changed`,
  )
  await writeFile(join(folder, 'changed.jsonl'), lines.toSpliced(at, 1).join('\n'))
  const said = await verify('--export', 'changed.jsonl', ...FILES.slice(2))
  expect(said.code).toBe(1)
  expect(said.stderr).toContain(`Row ${row?.[1] ?? ''} is missing`)
  // A grant that somebody took out of the file, and one that he took out of the database.
  const granted = lines.findIndex((line) => /^\{"n":\d+,"row":\["grant",/.test(line))
  const grant = JSON.parse(lines[granted] ?? '') as { n: number; row: string[]; leaf: string }
  const [kind, ref] = grant.row
  expect(await changed(lines.toSpliced(granted, 1))).toContain(
    `Row ${grant.n.toString()} is missing`,
  )
  const absent = { n: grant.n, absent: [kind, ref], leaf: grant.leaf }
  expect(await changed(lines.with(granted, JSON.stringify(absent)))).toContain(
    `Row ${grant.n.toString()} (grant ${ref ?? ''}) is gone: only its leaf is left.`,
  )
  const leaves = lines.flatMap((line, index) => (line.startsWith('{"n"') ? [index] : []))
  const [a, b] = [leaves[3] ?? 0, leaves[4] ?? 0]
  expect(await changed(lines.with(a, lines[b] ?? '').with(b, lines[a] ?? ''))).toMatch(
    /Row 3 \(.*\) is not in its place/,
  )
  const tail = lines.slice(
    0,
    lines.findLastIndex((line) => line.startsWith('{"head"') && line !== lines.at(-2)) + 1,
  )
  expect(await changed(tail)).toMatch(/The export ends at \d+ rows, the checkpoint of .* says \d+/)
  const older = await verify(
    '--export',
    'export.jsonl',
    '--checkpoint',
    'older.txt',
    '--key',
    'keys.txt',
  )
  expect(older.stdout).toContain('no checkpoint from outside covers it')

  for (let n = 0; n < scale; n += 1) {
    const bytes = Buffer.from(file)
    // The line end of the last line says nothing.
    const where = Math.floor(Math.random() * (file.length - 1))
    const was = bytes[where] ?? 0
    bytes[where] = was ^ (1 + Math.floor(Math.random() * 255))
    expect({ where, was, now: bytes[where], problems: await problemsOf(bytes) }).not.toMatchObject({
      problems: '',
    })
  }
}

const inPieces = async function* (bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}
