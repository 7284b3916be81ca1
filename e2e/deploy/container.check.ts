import { execFile, execFileSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startProgram } from '../../test/support/program.js'
import { freePort, serverOwner, serverTmpDir } from '../../test/support/server-process.js'
import { createTestDatabase } from '../../test/support/world.js'
import { commandOf, environmentOf, readCopy, readDockerfile, textsOf } from './dockerfile.js'

const run = promisify(execFile)

it('the steps of the container file, done in bare folders without root, make a server that writes nowhere', async () => {
  const root = await mkdtemp(join(serverTmpDir, 'uzima-image-'))
  try {
    await chmod(root, 0o755)
    const owner = async (path: string): Promise<void> => {
      if (serverOwner.uid !== undefined) {
        await run('chown', ['-R', `${String(serverOwner.uid)}:${String(serverOwner.gid)}`, path])
      }
    }
    const home = join(root, 'home')
    await mkdir(home)
    await owner(home)
    const stages = readDockerfile()
    const folders = new Map(stages.map(({ name }) => [name, join(root, name)]))
    for (const stage of stages) {
      const folder = folders.get(stage.name) ?? ''
      await mkdir(folder)
      for (const { name, text } of stage.instructions) {
        if (name === 'COPY') {
          const { from, sources, target } = readCopy(text)
          for (const source of sources) {
            // Of a stage: a path below its WORKDIR. Of the context: what git knows, which is what a clone has.
            if (from !== undefined) {
              const below = source.split('/').slice(2).join('/')
              await cp(join(folders.get(from) ?? '', below), join(folder, target), {
                recursive: true,
                verbatimSymlinks: true,
              })
            } else if (source === '.') await copyTree(folder)
            else {
              const to = target.endsWith('/')
                ? join(folder, target, source.split('/').at(-1) ?? '')
                : join(folder, target)
              await cp(source, to)
            }
          }
          await owner(folder)
        } else if (name === 'RUN' && !text.startsWith('install -d ')) {
          await run('sh', ['-c', text], {
            cwd: folder,
            env: { PATH: process.env['PATH'], HOME: home, npm_config_cache: join(home, '.npm') },
            maxBuffer: 64 * 1_048_576,
            ...serverOwner,
          })
        }
      }
    }

    const last = stages.at(-1)
    const app = folders.get(last?.name ?? '') ?? ''
    await run('chmod', ['-R', 'a-w', app])
    await using database = await createTestDatabase()
    const env = {
      ...environmentOf(last),
      PATH: process.env['PATH'] ?? '',
      PORT: (await freePort()).toString(),
      DATA_DIR: join(root, 'missing'),
      DATABASE_URL: database.url ?? '',
      JWT_SECRET: 'q7Rk2vX9mB4tY8wE1uP6sD3fG5hJ0kLzNcVbMxQaWsE',
      METRICS_TOKEN: 'd41f0e7a9b2c4d6e8f1a3b5c7d9e0f2a',
    }
    const command = [
      'sh',
      '-c',
      `cd "${app}" && exec "$@"`,
      'sh',
      ...commandOf(textsOf(last, 'CMD')[0]),
    ]
    const dropped =
      serverOwner.uid === undefined
        ? command
        : ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...command]
    await using node = await startProgram(dropped.slice(1), { command: dropped[0] ?? '', env })
    const url = `http://127.0.0.1:${env.PORT}`
    await expect
      .poll(() =>
        fetch(`${url}/health/ready`).then(
          ({ status }) => status,
          () => node.output(),
        ),
      )
      .toBe(200)
    expect(await (await fetch(url)).text()).toMatch(/<script type="module"/)
    const [healthCommand = '', ...healthArgs] = commandOf(textsOf(last, 'HEALTHCHECK')[0])
    await run(healthCommand, healthArgs, { env })
    node.signal('SIGTERM')
    expect(await node.exited).toEqual({ code: 0, signal: null })
    await expect(run(healthCommand, healthArgs, { env })).rejects.toThrow()
    const used = await run('du', ['-sm', app])
    expect(Number.parseInt(used.stdout, 10)).toBeLessThan(200)
  } finally {
    await run('chmod', ['-R', 'u+w', root])
    await rm(root, { recursive: true, force: true })
  }
})

/** The files that git knows, as they are in the work tree. */
const copyTree = async (to: string): Promise<void> => {
  const list = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    encoding: 'utf8',
  })
  for (const file of list.split('\0').filter((name) => name !== '')) {
    await mkdir(dirname(join(to, file)), { recursive: true })
    await cp(file, join(to, file))
  }
}
