import { describe, expect, it, vi } from 'vitest'
import { createTestDatabase, itPostgresOnly } from '../support/world.js'

describe('listen', () => {
  it('calls for each NOTIFY on the channel until it is stopped', async () => {
    await using database = await createTestDatabase()
    const onNotify = vi.fn()
    const stop = await database.listen('uzima_test', onNotify)
    onNotify.mockClear()
    await database.query(`select pg_notify('other', ''), pg_notify('uzima_test', '')`)
    await expect.poll(() => onNotify).toHaveBeenCalledTimes(1)
    await stop()
    await database.query(`select pg_notify('uzima_test', '')`)
    await database.query('select 1')
    expect(onNotify).toHaveBeenCalledTimes(1)
  })

  itPostgresOnly('needs a connection that can be lost')(
    'comes back after its connection is terminated, and says that something may be missed',
    async () => {
      await using database = await createTestDatabase()
      const onNotify = vi.fn()
      const stop = await database.listen('uzima_test', onNotify)
      onNotify.mockClear()
      const terminated = await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and query like 'listen%'`,
      )
      expect(terminated).toHaveLength(1)
      await expect.poll(() => onNotify).toHaveBeenCalledTimes(1)
      await database.query(`select pg_notify('uzima_test', '')`)
      await expect.poll(() => onNotify).toHaveBeenCalledTimes(2)
      await stop()
    },
  )
})
