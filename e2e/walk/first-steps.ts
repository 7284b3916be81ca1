import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { PASSWORD, statusOf, tokenIn, type Newcomer, type Service } from './newcomer.js'
import { readSection } from './section.js'
import { typeAndWait, type Place } from './terminal.js'

/** What a newcomer does first, with the commands of either way to have the program. */
export const takeFirstSteps = (
  { clone, type, startService, step }: Newcomer,
  place: () => Place,
  start: { readonly shown: string; readonly again: string },
): void => {
  let service: Service
  const npx = (line: string): Promise<string> => typeAndWait(`npx ${line}`, place())

  step('README.md', 'Start', 'it starts', async ({ shows }) => {
    const line = shows(start.shown)
    service = await startService(line, place())
    await service.terminal.says(/ admin +\S+\n[^]*patient/)
    expect(await statusOf(`${service.url}/health/ready`)).toBe(200)
    expect(await (await fetch(service.url)).text()).toContain('/assets/')
    expect(await statusOf(`${service.url}/docs`)).toBe(200)
  })

  step('README.md', 'Start', 'an event is seen', async ({ shows }) => {
    const second = type(shows('npx uzima listen'), place())
    await second.says(/Connected at .* as admin/)
    await typeAndWait(shows(`npx uzima send hello '{"from":"the third terminal"}' --all`), place())
    await second.says(/hello +\{"from":"the third terminal"\}/)
    await second.interrupt()
  })

  step('docs/command-line.md', 'uzima user add', 'a user is added', async ({ shows }) => {
    await writeFile(join(place().cwd, 'pw'), `${PASSWORD}\n`)
    await npx(shows('uzima user add kiosk --role doctor --password-file pw'))
    const answer = await fetch(`${service.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'kiosk', password: PASSWORD }),
    })
    expect(answer.status).toBe(200)
  })

  step(
    'docs/command-line.md',
    'uzima revoke',
    'a right is ended, and proved',
    async ({ shows }) => {
      const { cwd, env } = place()
      const token = tokenIn(await npx('uzima token kiosk'))
      const kiosk = type('npx uzima listen', { cwd, env: { ...env, UZIMA_TOKEN: token } })
      await kiosk.says(/Connected at .* as kiosk/)
      const said = await npx(shows('uzima revoke ana', { ana: 'kiosk' }))
      const [, seq = ''] = /entry (\d+) of the log/.exec(said) ?? []
      await kiosk.says(/SESSION_REVOKED|AUTH_\w+|ended/)
      expect(await kiosk.ended).not.toBe(0)
      const proof = await readSection(clone(), 'docs/command-line.md', 'uzima revocation')
      const told = await npx(proof.shows('uzima revocation 1042', { '1042': seq }))
      expect(told).toMatch(new RegExp(`^${seq} +\\d{4}-\\d\\d-\\d\\dT`, 'm'))
      console.log(told)
    },
  )

  step(
    'docs/operations.md',
    'Backup and restore',
    'the data is copied, lost and restored',
    async ({ shows }) => {
      await npx(shows('uzima backup copies/monday'))
      await npx('uzima user add later --role doctor --password-file pw')
      await service.terminal.interrupt()
      await typeAndWait(shows('mv data/pglite data/pglite.broken'), place())
      await npx(shows('uzima restore copies/monday'))
      service = await startService(start.again, place())
      const users = await npx('uzima user list')
      expect(users).toMatch(/^kiosk /m)
      expect(users).not.toMatch(/^later /m)
    },
  )

  step('docs/operations.md', 'When something is wrong', 'nothing is wrong', async ({ shows }) => {
    expect(await npx(shows('uzima doctor'))).not.toMatch(/^ *fail/m)
    await service.terminal.interrupt()
  })
}
