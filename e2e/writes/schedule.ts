import { setTimeout as delay } from 'node:timers/promises'
import { createRandom, type Random } from '../rig/random.js'
import { ACTS, type Act } from './acts.js'
import { createDevice } from './device.js'
import { livingTab, type Run, type Stage } from './stage.js'
import type { Person, World } from './world.js'

const PATIENCE_MS = 60_000

/** Runs the schedule of `seed`, heals everything, and waits until nobody has anything left to send. */
export const runSchedule = async (world: World, seed: number): Promise<Run> => {
  const random = createRandom(seed)
  const people = [await world.addPerson(), await world.addPerson()]
  const skus = [await world.addItem(60), await world.addItem(12)]
  const device = createDevice(world, random.fork('device'))
  const stage: Stage = {
    world,
    random,
    people,
    skus,
    device,
    intentions: [],
    story: [],
    pending: [],
  }
  await device.openTab()
  await device.logIn(people[0] ?? null, true)
  for (let step = random.int(15, 35); step > 0; step -= 1) {
    const [name, act] = choose(random)
    stage.story.push(name)
    await act(stage)
    if (random.chance(0.6)) await delay(random.int(0, 8))
    for (const tab of device.tabs()) if (!tab.isDead()) tab.queue.wake()
  }
  await heal(stage)
  return stage
}

const choose = (random: Random): readonly [string, Act] => {
  const total = ACTS.reduce((sum, [weight]) => sum + weight, 0)
  let left = random.next() * total
  for (const [weight, name, act] of ACTS) {
    left -= weight
    if (left < 0) return [name, act]
  }
  return ['nothing', () => undefined]
}

/** Everything works again, and each person logs in until nothing of his is left. */
const heal = async (stage: Stage): Promise<void> => {
  const { world, device, people } = stage
  device.setFull(false)
  for (const { userId } of people) {
    await world.database.query(
      `update users set role = 'pharmacist', is_active = true where id = $1`,
      [userId],
    )
  }
  for (const tab of device.tabs()) tab.kill()
  await device.openTab()
  // Whoever was killed with a write under way is waited for.
  device.moveClock(31_000)
  for (const person of people) {
    stage.story.push('comes back')
    await device.logIn(person, true)
    await untilSettled(stage, person)
  }
}

const untilSettled = async (stage: Stage, person: Person): Promise<void> => {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const open = (await stage.device.rows()).filter(
      ({ author, state }) => author === person.userId && state !== 'accepted' && state !== 'closed',
    )
    if (open.length === 0) return
    if (Date.now() > deadline) {
      throw new Error(`Left over: ${JSON.stringify(open, undefined, 1)}\n${stage.story.join('\n')}`)
    }
    const tab = livingTab(stage)
    for (const { id, state } of open) {
      if (state === 'refused') await tab?.queue.drop(id, 'the end').catch(() => undefined)
    }
    tab?.queue.wake()
    await delay(5)
  }
}
