import pg from 'pg'
import { expect, it } from 'vitest'
import { runAlone } from '../test/support/databases.js'
import { startPostgresPair } from './rig/postgres-pair.js'

const ask = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

it('keeps what was acknowledged over two fail-overs, and refuses to write between', async () => {
  await using pair = await startPostgresPair()
  await runAlone(pair.url(), 'create table kept (n integer)')
  for (const n of [1, 2]) {
    await runAlone(pair.url(), `insert into kept values (${String(n)})`)
    const before = pair.port
    const port = await pair.failOver(async () => {
      const standby = pair.url().replace(String(before), String(pair.standbyPort()))
      await expect(runAlone(standby, 'insert into kept values (0)')).rejects.toThrow('read-only')
    })
    expect(port).not.toBe(before)
    await pair.addStandby()
  }
  await runAlone(pair.url(), 'insert into kept values (3)')
  expect(await ask(pair.url(), 'select n from kept order by n')).toEqual([
    { n: 1 },
    { n: 2 },
    { n: 3 },
  ])
})
