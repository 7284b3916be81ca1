import { appendFile, cp, mkdir, readdir, readlink, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect } from 'vitest'
import { freePort } from '../../test/support/server-process.js'
import { PASSWORD, statusOf, type Newcomer, type Service } from './newcomer.js'
import { cannotStart, migratesFurther, neverReady, packEarlier, repack } from './packages.js'
import { readSection } from './section.js'
import { type, typeAndWait, type Place } from './terminal.js'

const DOCUMENT = 'docs/clinic.md'
const SHOWN = 'uzima-realtime-0.2.0.tgz'
const SUDO = { 'sudo uzima': 'uzima/uzima' }
/** Nothing answers there. */
const NO_REGISTRY = { npm_config_registry: 'http://127.0.0.1:9' }
/** For npm, as without a network: what the version before has needed is in the cache. */
const NO_NETWORK = { npm_config_offline: 'true' }

/** A clinic's machine with the version before, which gets the packed one, broken ones, and goes back. */
export const walkClinic = (
  { root, clone, startService, step }: Newcomer,
  packed: () => Promise<string>,
): void => {
  let service: Service
  let refreshToken = ''
  const folder = (): string => join(root(), 'clinic')
  const later = (): string => join(root(), 'stick')
  const place = (env: Place['env'] = {}): Place => ({ cwd: folder(), env })
  const machine = (line: string): Promise<string> => typeAndWait(`uzima/uzima ${line}`, place())
  const runs = async (): Promise<string> =>
    /\/(.*)-/.exec(await readlink(join(folder(), 'uzima', 'current')))?.[1] ?? ''
  const post = async (path: string, body: object): Promise<string> => {
    const answer = await fetch(`${service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(answer.status).toBe(200)
    return ((await answer.json()) as { refreshToken: string }).refreshToken
  }
  /** The log-in from before all updates goes on, the service is ready, and these users are there, and `later` is not. */
  const expectAsBefore = async (users: readonly string[]): Promise<void> => {
    expect(await statusOf(`${service.url}/health/ready`)).toBe(200)
    refreshToken = await post('/api/auth/refresh', { refreshToken })
    const told = await machine('user list')
    for (const user of users) expect(told).toMatch(new RegExp(`^${user} `, 'm'))
    expect(told).not.toMatch(/^later /m)
  }
  /** Types what a section shows, where the command is in a folder of one's own; resolves to what it said, whether it failed or not. */
  const typeUpdate = async (
    line: string,
    env: Place['env'] = {},
  ): Promise<{ code: number | null; said: string }> => {
    const terminal = type(line, place(env))
    const code = await terminal.ended
    console.log(terminal.output())
    return { code, said: terminal.output() }
  }

  beforeAll(async () => {
    await mkdir(folder())
    await mkdir(later())
    await packEarlier(folder(), '0.0.1')
    const file = await packed()
    await repack(file, later(), '0.7.0', migratesFurther)
    await repack(file, later(), '0.8.0', cannotStart)
    await repack(file, later(), '0.9.0', neverReady)
    await cp(file, join(later(), 'uzima-realtime-new.tgz'))
  })

  step(DOCUMENT, 'Install', 'the version before is installed', async ({ shows }) => {
    await typeAndWait(shows('tar -xzf uzima-realtime-*.tgz'), place())
    const own = await readSection(clone(), DOCUMENT, 'Without systemd, or without sudo')
    const line = own.shows('sh package/deploy/clinic/install.sh uzima-realtime-*.tgz uzima')
    expect(await typeAndWait(line, place())).toMatch(/Installed in .*keep-running/)
    await appendFile(
      join(folder(), 'uzima', shows('settings')),
      `PORT=${String(await freePort())}\nHTTPS_PORT=${String(await freePort())}\n`,
    )
    service = await startService(own.shows('uzima/keep-running'), place())
    const [, password = ''] = await service.terminal.says(/ admin +admin +(\S+)/)
    refreshToken = await post('/api/auth/login', { username: 'admin', password })
    await writeFile(join(folder(), 'pw'), `${PASSWORD}\n`)
    await machine('user add kiosk --role doctor --password-file pw')
    // Whoever brings the later files on a stick.
    for (const name of await readdir(later()))
      await rename(join(later(), name), join(folder(), name))
    expect(await runs()).toBe('0.0.1')
  })

  step(DOCUMENT, 'A new version', 'it gets the new version', async ({ shows }) => {
    const line = shows(`sudo uzima update ${SHOWN}`, { ...SUDO, [SHOWN]: 'uzima-realtime-new.tgz' })
    const { code, said } = await typeUpdate(line)
    expect({ code, said }).toMatchObject({ code: 0 })
    expect(said).toMatch(/ runs and is ready; before it was 0\.0\.1-/)
    await expectAsBefore(['admin', 'kiosk'])
    await machine('user add ward --role doctor --password-file pw')
  })

  step(DOCUMENT, 'A new version', 'from one that cannot start it goes back', async ({ shows }) => {
    const running = await runs()
    const line = shows(`sudo uzima update ${SHOWN}`, { ...SUDO, '0.2.0': '0.8.0' })
    const { code, said } = await typeUpdate(line, NO_NETWORK)
    expect({ code, said }).toMatchObject({ code: 1 })
    expect(said).toMatch(/0\.8\.0-\w+ ended before it was ready.* runs again and is ready\.$/m)
    expect(await runs()).toBe(running)
    await expectAsBefore(['admin', 'kiosk', 'ward'])
  })

  step(
    DOCUMENT,
    'A new version',
    'from one that migrates and is never ready it goes back, with the data',
    async ({ shows }) => {
      const running = await runs()
      const within = shows('`--within 900`').replaceAll('`', '').replace('900', '30')
      const line = shows(`sudo uzima update ${SHOWN}`, { ...SUDO, '0.2.0': '0.9.0' })
      const { code, said } = await typeUpdate(`${line} ${within}`)
      expect({ code, said }).toMatchObject({ code: 1 })
      expect(said).toMatch(
        /was not ready within 30 seconds; .* The data of before the update is back/,
      )
      expect(await runs()).toBe(running)
      await expectAsBefore(['admin', 'kiosk', 'ward'])
    },
  )

  step(DOCUMENT, 'A new version', 'it goes back on purpose', async ({ shows }) => {
    const line = shows('sudo uzima update --back', SUDO)
    const { code, said } = await typeUpdate(line)
    expect({ code, said }).toMatchObject({ code: 0 })
    expect(await runs()).toBe('0.0.1')
    await expectAsBefore(['admin', 'kiosk', 'ward'])
  })

  step(DOCUMENT, 'Without the internet', 'a file brings everything', async ({ shows }) => {
    const line = 'sh package/deploy/clinic/whole.sh uzima-realtime-0.2.0.tgz'
    const own = { '0.2.0': 'new' }
    const whole = (await typeAndWait(shows(line, own), place())).trim().split('\n').at(-1) ?? ''
    expect(await readdir(folder())).toContain(whole)
    await typeAndWait(`uzima/uzima update ${whole}`, place(NO_REGISTRY))
    await expectAsBefore(['admin', 'kiosk', 'ward'])
  })

  step(
    DOCUMENT,
    'A new version',
    'over a migration it goes back with the data of then',
    async ({ shows }) => {
      const running = await runs()
      await machine('update uzima-realtime-0.7.0.tgz')
      expect(await runs()).toBe('0.7.0')
      await machine('user add later --role doctor --password-file pw')
      const line = shows('sudo uzima update --back', SUDO)
      const refused = await typeUpdate(line)
      expect(refused.code).toBe(1)
      expect(await runs()).toBe('0.7.0')
      const { code } = await typeUpdate(`${line} ${shows('--with-old-data')}`)
      expect(code).toBe(0)
      expect(await runs()).toBe(running)
      await expectAsBefore(['admin', 'kiosk', 'ward'])
      await service.terminal.interrupt()
    },
  )
}
