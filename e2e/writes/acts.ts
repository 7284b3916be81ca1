import { setTimeout as delay } from 'node:timers/promises'
import type { Movement, QueuedWrite } from '@uzima/client'
import { livingTab, type Intention, type Stage } from './stage.js'
import type { Death, Tab } from './tab.js'

const HOURS = 3_600_000

/** One thing that happens to a device, its people, its network or the stock. */
export type Act = (stage: Stage) => void | Promise<void>

const withTab =
  (act: (tab: Tab, stage: Stage) => void | Promise<void>): Act =>
  async (stage) => {
    const tab = livingTab(stage)
    if (tab !== undefined) await act(tab, stage)
  }

const sql =
  (text: string, parameter: (stage: Stage) => string): Act =>
  async (stage) => {
    await stage.world.database.query(text, [parameter(stage)])
  }

const anyPerson = ({ random, people }: Stage): string => random.pick(people).userId
const anyItem = ({ random, skus }: Stage): string => random.pick(skus)

const movementOf = ({ random, skus }: Stage, reason: string): Movement => {
  const sku = random.pick(skus)
  const quantity = random.int(1, 9)
  switch (random.int(0, 5)) {
    case 0: {
      const lotNumber = random.pick(['L1', 'L2'])
      return { kind: 'receive', sku, lotNumber, quantity, expiryDate: '2040-01-01', reason }
    }
    case 1: {
      const counted = { kind: 'count', sku, lotNumber: 'L1', quantity, reason } as const
      return random.chance(0.5) ? counted : { ...counted, expected: random.int(0, 12) }
    }
    case 2:
      return { kind: 'dispose', sku, lotNumber: 'L1', quantity, reason }
    default:
      return { kind: 'consume', sku, quantity, reason }
  }
}

const add = withTab((tab, stage) => {
  const author = stage.device.person()
  if (author === null) return
  const reason = `${author.userId} ${String(stage.intentions.length)}`
  const movement = movementOf(stage, reason)
  const intention: Intention = { reason, author, movement, isKept: false }
  stage.intentions.push(intention)
  const kept = tab.queue.add(movement).then(
    () => {
      intention.isKept = true
    },
    () => undefined,
  )
  stage.pending.push(kept)
})

/** The person looks at what was refused, and decides. */
const decide = withTab((tab, stage) => {
  for (const write of tab.queue.list()) {
    if (isForDecision(write)) decideOn(tab, write, stage)
    else if (stage.random.chance(0.1))
      tab.queue.drop(write.id, 'changed my mind').catch(() => undefined)
  }
})

const isForDecision = ({ state }: QueuedWrite): boolean =>
  state === 'refused' || state === 'waiting'

const decideOn = (tab: Tab, { id, refusal }: QueuedWrite, { random }: Stage): void => {
  const { available, actual } = refusal?.params ?? {}
  const retry = (changes?: { readonly quantity?: number; readonly expected?: number }) =>
    tab.queue.retry(id, changes).catch(() => undefined)
  if (typeof available === 'number' && available > 0) void retry({ quantity: available })
  else if (typeof actual === 'number') void retry({ expected: actual })
  else if (random.chance(0.5)) void retry()
  else if (refusal !== undefined) void tab.queue.drop(id, 'not needed').catch(() => undefined)
}

const changePerson: Act = ({ device, random, people }) =>
  device.logIn(random.chance(0.25) ? null : random.pick(people), random.chance(0.5))

/** The answer is lost, and before the next attempt the right is gone: what was booked must not be taken for refused. */
const loseAnswerAndRole = withTab(async (tab, stage) => {
  const { device, world } = stage
  const person = device.person()
  if (person === null) return
  tab.network.setMode({ kind: 'blackhole', direction: 'down' })
  await add(stage)
  await loseAnswer(tab, stage)
  await sql(`update users set role = 'doctor' where id = $1`, () => person.userId)(stage)
  tab.network.setTarget(world.port)
  tab.network.setMode({ kind: 'pass' })
  for (let looks = 0; looks < 30 && !tab.queue.list().some(isForDecision); looks += 1) {
    tab.queue.wake()
    await delay(5)
  }
  await decide(stage)
  await sql(`update users set role = 'pharmacist' where id = $1`, () => person.userId)(stage)
})

/** The request arrives and is answered, and the answer does not. */
const loseAnswer = async (tab: Tab, { random }: Stage): Promise<void> => {
  tab.network.setMode({ kind: 'blackhole', direction: 'down' })
  tab.queue.wake()
  await delay(random.int(5, 40))
  tab.network.cut(1, random.pick(['rst', 'fin']))
}

const dieAt = (death: Death): Act =>
  withTab((tab) => {
    tab.dieAt(death)
  })

/** All that may happen, and how often against the others. */
export const ACTS: readonly (readonly [weight: number, name: string, act: Act])[] = [
  [26, 'adds', add],
  [7, 'decides', decide],
  // The network.
  [3, 'is cut before the request', withTab((tab) => tab.network.setMode({ kind: 'refuse' }))],
  [4, 'is cut after the commit', withTab(loseAnswer)],
  [2, 'loses an answer and a role', loseAnswerAndRole],
  [
    4,
    'is cut in the middle of the answer',
    withTab((tab, { random }) => {
      tab.network.cut(1)
      tab.network.setMode({ kind: 'stop-after', bytes: random.int(1, 1_800) })
    }),
  ],
  [
    2,
    'is in a portal',
    withTab((tab, { world }) => {
      tab.network.setTarget(world.portalPort)
      tab.network.cut(1)
      tab.network.setMode({ kind: 'pass' })
    }),
  ],
  [
    2,
    'has a slow network',
    withTab((tab) => tab.network.setMode({ kind: 'delay', ms: 5, jitterMs: 20 })),
  ],
  [
    6,
    'has a network',
    withTab((tab, { world }) => {
      tab.network.setTarget(world.port)
      tab.network.cut(1)
      tab.network.setMode({ kind: 'pass' })
    }),
  ],
  // Tabs.
  [2, 'will die after a commit', dieAt('after-commit')],
  [2, 'will die before the answer', dieAt('before-answer')],
  [2, 'will die with the answer', dieAt('after-answer')],
  [1, 'dies', withTab((tab) => tab.kill())],
  [
    4,
    'opens a tab',
    async ({ device }) => {
      if (device.tabs().filter((tab) => !tab.isDead()).length < 2) await device.openTab()
    },
  ],
  // People and their rights.
  [5, 'changes hands', changePerson],
  [2, 'has an old token', ({ device }) => device.expireToken()],
  [
    1,
    'cannot renew',
    ({ device, random }) => device.setRenewal(random.pick(['unreachable', 'refused'])),
  ],
  [1, 'can renew', ({ device }) => device.setRenewal('works')],
  [1, 'is deactivated', sql('update users set is_active = false where id = $1', anyPerson)],
  [1, 'is revoked', sql('update users set tokens_not_before = now() where id = $1', anyPerson)],
  [1, 'is demoted', sql(`update users set role = 'doctor' where id = $1`, anyPerson)],
  [
    2,
    'has its right back',
    sql(`update users set role = 'pharmacist', is_active = true where id = $1`, anyPerson),
  ],
  // What others do.
  [
    3,
    'falls in stock',
    sql(`update inventory_lots set quantity = quantity / 2 where sku = $1`, anyItem),
  ],
  [
    0.5,
    'is archived',
    sql(`update inventory_items set archived_at = now() where sku = $1`, anyItem),
  ],
  [
    2,
    'is forgotten by the server',
    async ({ world, people }) => {
      // What the upkeep does after a day, for these people only.
      const ids = people.map(({ userId }) => userId)
      await world.database.query(
        `update idempotency_keys set answer = null where user_id = any($1) and is_kept`,
        [ids],
      )
      await world.database.query(
        `delete from idempotency_keys where user_id = any($1) and not is_kept and answer is not null`,
        [ids],
      )
    },
  ],
  // The device.
  [
    2,
    'has another time',
    ({ device, random }) =>
      device.moveClock(random.pick([-12 * HOURS, 12 * HOURS, 31_000, 31_000, -1_000])),
  ],
  [1, 'has no room', ({ device }) => device.setFull(true)],
  [2, 'has room', ({ device }) => device.setFull(false)],
]
