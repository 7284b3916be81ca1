import fc from 'fast-check'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { times } from '../../test/support/long.js'
import { packFake } from './fake-package.js'
import { createClinicMachine, type ClinicMachine } from './machine.js'

let folder: string
let files: Readonly<Record<'old' | 'new' | 'neverReady' | 'broken', string>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uzima-packages-'))
  files = {
    old: await packFake(folder, { version: '1.0.0', schema: 1, serves: 'well' }),
    new: await packFake(folder, { version: '2.0.0', schema: 2, serves: 'well' }),
    neverReady: await packFake(folder, { version: '3.0.0', schema: 3, serves: 'never-ready' }),
    broken: await packFake(folder, { version: '4.0.0', schema: 4, serves: 'not-at-all' }),
  }
})
afterAll(() => rm(folder, { recursive: true }))

/** Writes rows until it is stopped, over all restarts; those that were acknowledged have to stay. */
const startWriter = (url: string) => {
  const acknowledged: string[] = []
  const stopping = new AbortController()
  const writing = (async () => {
    for (let row = 1; !stopping.signal.aborted; row += 1) {
      const answer = await fetch(`${url}/${String(row)}`, { method: 'POST' }).catch(() => undefined)
      if (answer?.ok === true) acknowledged.push(String(row))
      await delay(20)
    }
  })()
  return {
    acknowledged,
    stop: async () => {
      stopping.abort()
      await writing
    },
  }
}

const rowsIn = async (store: string): Promise<string[]> =>
  (await readFile(join(store, 'rows'), 'utf8')).split('\n').slice(0, -1)

const expectOneServer = async (machine: ClinicMachine, version: string): Promise<void> => {
  await expect.poll(machine.answers).toBe(version)
  expect(await machine.current()).toBe(version)
  expect(await machine.servers()).toBe(1)
}

/** What happens in a phase, and when after its begin: the power goes, or the process that carries the update out is killed. */
interface Mishap {
  readonly afterMs: number
  readonly kind: 'power' | 'kill'
}

/** `uzima update` with a mishap in each of the phases; after a power cut it is begun again. */
const updateThrough = async (
  machine: ClinicMachine,
  args: readonly string[],
  mishaps: Readonly<Record<string, Mishap>>,
): Promise<string> => {
  const open = new Map(Object.entries(mishaps))
  for (;;) {
    const updating = machine.update(...args)
    const done = new AbortController()
    void updating.then(() => {
      done.abort()
    })
    let isDark = false
    while (!done.signal.aborted && !isDark) {
      const phase = await machine.phase()
      const mishap = open.get(phase)
      open.delete(phase)
      await delay(mishap?.afterMs ?? 5)
      isDark = mishap?.kind === 'power'
      if (mishap?.kind === 'kill') await machine.killUpdater()
    }
    if (!isDark) return (await updating).said
    await machine.cutPower()
    await updating
    await machine.start()
  }
}

/** While it installs, the journal is that of the update before, or none. */
const PHASES = ['', 'asked', 'copying', 'copied', 'trying', 'returning', 'returned'] as const
const mishap = fc.record<Mishap>({
  afterMs: fc.integer({ min: 0, max: 400 }),
  kind: fc.constantFrom('power', 'kill'),
})
const mishapsIn = (phases: readonly string[]) =>
  fc.record(Object.fromEntries(phases.map((phase) => [phase, mishap])))

it(
  'with the power cut or its process killed in every phase, an update ends with one version that runs, and with all data',
  { timeout: 1_200_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(mishapsIn(PHASES), mishapsIn(['asked', 'trying']), async (back, forth) => {
        await using machine = await createClinicMachine(files.old)
        await machine.start()
        await expect.poll(machine.answers).toBe('1.0.0')
        const writer = startWriter(machine.url)
        try {
          await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(3)

          const refused = await updateThrough(machine, [files.neverReady, '--within', '8'], back)
          expect(refused).toMatch(
            /3\.0\.0-\w+ was not ready within 8 seconds; 1\.0\.0-\w+ runs again/,
          )
          await expectOneServer(machine, '1.0.0')

          const written = writer.acknowledged.length
          await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(written)
          const done = await updateThrough(machine, [files.new], forth)
          expect(done).toMatch(/2\.0\.0-\w+ runs and is ready; before it was 1\.0\.0-/)
          await expectOneServer(machine, '2.0.0')
        } finally {
          await writer.stop()
        }
        expect(await rowsIn(join(machine.root, 'data', 'pglite'))).toEqual(
          expect.arrayContaining(writer.acknowledged),
        )
      }),
      { numRuns: times(1, 12), endOnFailure: true },
    )
  },
)

it(
  'a version that cannot start changes nothing, and going back on purpose says what it costs',
  { timeout: 300_000 },
  async () => {
    await using machine = await createClinicMachine(files.old)
    await machine.start()
    await expect.poll(machine.answers).toBe('1.0.0')
    const store = join(machine.root, 'data', 'pglite')
    const write = async (row: string): Promise<void> => {
      expect((await fetch(`${machine.url}/${row}`, { method: 'POST' })).ok).toBe(true)
    }
    await write('before')
    expect(await machine.update('--back')).toMatchObject({
      failed: true,
      said: expect.stringMatching(/no version to go back to/) as string,
    })

    expect(await machine.update(files.new)).toMatchObject({ failed: false })
    await write('after')
    expect(await machine.update(files.broken)).toMatchObject({
      failed: true,
      said: expect.stringMatching(
        /4\.0\.0-\w+ ended before it was ready.*2\.0\.0-\w+ runs again and is ready\.$/m,
      ) as string,
    })
    await expectOneServer(machine, '2.0.0')
    expect(await readdir(join(machine.root, 'data'))).toEqual(['pglite'])

    expect(await machine.update(files.old)).toMatchObject({ failed: true })
    expect((await machine.update('--back')).said).toMatch(/--back --with-old-data/)
    await expectOneServer(machine, '2.0.0')
    expect(await rowsIn(store)).toEqual(['before', 'after'])

    const back = await machine.update('--back', '--with-old-data')
    expect(back.said).toMatch(/1\.0\.0-\w+ runs and is ready/)
    await expectOneServer(machine, '1.0.0')
    expect(await rowsIn(store)).toEqual(['before'])
    const [, setAside = ''] = /is in (\S+), which you may remove/.exec(back.said) ?? []
    expect(await rowsIn(setAside)).toEqual(['before', 'after'])
  },
)
