import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startProgram, type Program } from '../../test/support/program.js'
import { freePort } from '../../test/support/server-process.js'

const run = promisify(execFile)

/** A clinic's machine, set up by `install.sh` in a folder of its own and kept running by `keep-running`. */
export interface ClinicMachine extends AsyncDisposable {
  readonly root: string
  readonly url: string
  /** Runs `uzima update` to its end; resolves to what it said, also where it failed or was killed. */
  readonly update: (...args: readonly string[]) => Promise<{ failed: boolean; said: string }>
  /** How far the update has come; empty before the first. */
  readonly phase: () => Promise<string>
  /** Ends all that runs on the machine, in this moment, as when the power goes. */
  readonly cutPower: () => Promise<void>
  /** Ends, in this moment, what stands in for the server while an update is under way; nobody else. */
  readonly killUpdater: () => Promise<void>
  readonly start: () => Promise<void>
  /** The number of the version that `current` points to. */
  readonly current: () => Promise<string>
  /** The number of the version that answers; empty where none does. */
  readonly answers: () => Promise<string>
  /** The servers that run, whether they answer or not. */
  readonly servers: () => Promise<number>
}

export const createClinicMachine = async (file: string): Promise<ClinicMachine> => {
  const root = await mkdtemp(join(tmpdir(), 'uzima-clinic-'))
  await run('sh', ['deploy/clinic/install.sh', file, root])
  const port = String(await freePort())
  await writeFile(join(root, 'settings'), `PORT=${port}\nDATA_DIR=${join(root, 'data')}\n`)
  const url = `http://127.0.0.1:${port}`
  let keeping: Program | undefined

  const processes = async (): Promise<{ pid: number; line: string }[]> => {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const all = await Promise.all(
      pids.map(async (pid) => {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
        return { pid: Number(pid), line: line.replaceAll('\0', ' ') }
      }),
    )
    // The guard of a program knows the folder, too; it is ours and not the machine's.
    return all.filter(({ line }) => line.includes(root) && !line.includes(' guard '))
  }

  const kill = async (wants: (line: string) => boolean): Promise<number> => {
    const found = (await processes()).filter(({ line }) => wants(line))
    for (const { pid } of found) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
      }
    }
    return found.length
  }

  return {
    root,
    url,
    update: async (...args) => {
      const { stdout, stderr, failed } = await run(join(root, 'uzima'), ['update', ...args]).then(
        (done) => ({ ...done, failed: false }),
        (error: unknown) => ({ ...(error as { stdout: string; stderr: string }), failed: true }),
      )
      return { failed, said: `${stdout}${stderr}` }
    },
    phase: async () => {
      const text = await readFile(join(root, 'update.json'), 'utf8').catch(() => '{}')
      return (JSON.parse(text) as { phase?: string }).phase ?? ''
    },
    cutPower: async () => {
      // Whoever is killed may have started another one meanwhile.
      while ((await kill(() => true)) > 0) await delay(5)
      await keeping?.stop()
    },
    killUpdater: async () => {
      await kill((line) => line.includes(' --at-start'))
    },
    start: async () => {
      keeping = await startProgram([], { command: join(root, 'keep-running') })
    },
    current: async () => /\/(.*)-/.exec(await readlink(join(root, 'current')))?.[1] ?? '',
    answers: () =>
      fetch(`${url}/version`).then(
        (answer) => answer.text(),
        () => '',
      ),
    servers: async () => (await processes()).filter(({ line }) => line.endsWith(' serve ')).length,
    [Symbol.asyncDispose]: async () => {
      await keeping?.stop()
      await rm(root, { recursive: true, force: true })
    },
  }
}
