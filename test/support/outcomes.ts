import type { TestApp } from './app.js'

/** How many attempts to connect the record has, by outcome and code: `{ accepted: 1, 'refused TOO_MANY_CONNECTIONS': 2 }`. */
export const outcomes = async ({
  database,
}: Pick<TestApp, 'database'>): Promise<Record<string, number>> => {
  const rows = await database.query<{ key: string; count: number }>(
    `select outcome || coalesce(' ' || code, '') as key, sum(count) as count from connection_log group by 1`,
  )
  return Object.fromEntries(rows.map(({ key, count }) => [key, count]))
}
