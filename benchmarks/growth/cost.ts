import { costOf, type Cost } from '../speed/samples.js'
import { postgresSeconds } from './postgres-cost.js'

/** What some work took, PostgreSQL included. */
export interface FullCost extends Cost {
  readonly postgresSeconds: number
}

/** Measures the CPU of the server `pid`, of PostgreSQL and our own, and the time on the wall, until `work` is done. */
export const fullCostOf = async (
  pid: number,
  postmaster: number,
  work: () => Promise<unknown>,
): Promise<FullCost> => {
  const before = postgresSeconds(postmaster)
  const cost = await costOf(pid, work)
  return { ...cost, postgresSeconds: postgresSeconds(postmaster) - before }
}
