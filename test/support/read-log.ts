import { expect } from 'vitest'
import type { TestApp } from './app.js'

/** Number of the newest entry. */
export const headOf = async (app: TestApp): Promise<number> => {
  const [row] = await app.database.query<{ seq: number }>('select seq from log_head')
  return row?.seq ?? NaN
}

/** Waits until the node has read all that is committed by now: who is new in the database is otherwise new to it later. */
export const untilLogIsRead = async (app: TestApp): Promise<void> => {
  const head = await headOf(app)
  await expect
    .poll(async () => {
      const { body } = await app.api(undefined, 'GET', '/health/ready')
      return (body['log'] as { readonly seq: number }).seq
    })
    .toBeGreaterThanOrEqual(head)
}
