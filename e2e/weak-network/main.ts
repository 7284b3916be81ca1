import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { launchBrowser } from '../../test/support/browser.js'
import { startProgram } from '../../test/support/program.js'
import { startServer, type RunningServer } from '../../test/support/server.js'
import { createProxy } from '../rig/proxy.js'
import { createRandom, type Random } from '../rig/random.js'
import { compare } from './agreement.js'
import { spoil } from './network.js'
import { openClient, openPerson, type Mover, type Person } from './people.js'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    // Shorter ones have more refreshes meet the network.
    'access-token-ttl': { type: 'string', default: '15m' },
  },
})

/** The password that the start has made for the user of a role. */
const personOf = (server: RunningServer, role: string): Person => {
  const [, username = '', password = ''] =
    new RegExp(`${role} +(\\S+) +(\\S+)`).exec(server.output()) ?? []
  return { username, password }
}

/** The demo's days, one after the other. */
const playDays = async (dataDir: string, endsAt: number): Promise<void> => {
  for (let day = 1; Date.now() < endsAt; day += 1) {
    const args = ['dist/cli.js', 'demo', '--speed', '20', '--seed', String(day)]
    await using demo = await startProgram(args, { env: { DATA_DIR: dataDir } })
    await Promise.race([demo.says(/The day is over/), delay(Math.max(0, endsAt - Date.now()))])
  }
}

const moveStock = async (
  mover: Mover,
  skus: readonly string[],
  random: Random,
  endsAt: number,
): Promise<void> => {
  while (Date.now() < endsAt) {
    await mover.takeOne(random.pick(skus))
    await delay(random.int(2_000, 10_000))
  }
}

const main = async (): Promise<void> => {
  const random = createRandom(Number(values.seed))
  const dataDir = await mkdtemp(join(tmpdir(), 'uzima-weak-network-'))
  const env = { DEMO_DATA: 'true', ACCESS_TOKEN_TTL: values['access-token-ttl'] }
  await using server = await startServer({ dataDir, env })
  const proxy = await createProxy({ targetPort: Number(new URL(server.url).port), random })
  const url = `http://127.0.0.1:${String(proxy.port)}`
  await using browser = await launchBrowser()
  await using client = await openClient(url, personOf(server, 'inventory_manager'))
  await using person = await openPerson(browser, url, personOf(server, 'pharmacist'), random)
  while (!client.client.connection.get().synced) await delay(50)
  const plenty = client.client.inventory
    .list()
    .filter(({ usableQuantity }) => usableQuantity > 1_000)
    .map(({ sku }) => sku)

  const endsAt = Date.now() + Number(values.minutes) * 60_000
  const [network] = await Promise.all([
    spoil(proxy, random.fork('network'), endsAt),
    moveStock(client, plenty, random.fork('client'), endsAt),
    moveStock(person, plenty, random.fork('page'), endsAt),
    playDays(dataDir, endsAt),
  ])
  const { faults, figures } = await compare(server.url, await server.login(), client, person)
  console.log({ seed: values.seed, minutes: values.minutes, network, ...figures })
  for (const fault of faults) console.log(`FAULT: ${fault}`)
  console.log(faults.length === 0 ? 'Page, client and database agree.' : 'They do not agree.')
  if (faults.length > 0) process.exitCode = 1
  await proxy.close()
  await rm(dataDir, { recursive: true, force: true })
}

await main()
