import type { Erasure, EraseResult } from '@uzima/contracts'
import { isUuid } from '../auth/uuid.js'
import { AppError } from '../errors/app-error.js'
import { sqlState, type Database } from '../storage/database.js'
import { personData } from './person-data.js'

/** What a person may ask of us: to be told what is kept, and to be forgotten. */
export interface Erasures {
  /**
   * Takes the texts of a user who is deactivated or deleted out of everything that is kept, for good: see docs/privacy.md.
   * `actor` is whom the record names. Doing it again takes what has come since. Throws `USER_NOT_FOUND` or `USER_ACTIVE`.
   */
  readonly erase: (actor: string, id: string, reason?: string) => Promise<EraseResult>
  /** Every erasure, the oldest first. */
  readonly list: () => Promise<Erasure[]>
  /**
   * Everything that is kept about a user, also a deleted one, as the text of one JSON document, a piece at a time. Throws
   * `USER_NOT_FOUND` where nobody ever had this id.
   */
  readonly data: (id: string) => Promise<AsyncGenerator<string>>
}

/** Years of a person's rows are changed by few statements. */
const STATEMENT_TIMEOUT_MS = 600_000

export const createErasures = (database: Database): Erasures => ({
  erase: async (actor, id, reason) => {
    const userId = existing(id)
    try {
      return await database.transaction(
        async (tx) => {
          await tx.query(`select set_config('uzima.actor', $1, true)`, [actor])
          const [erased] = await tx.query<Pick<EraseResult, 'rows'>>(
            'select erase_person($1, $2) as rows',
            [userId, reason ?? null],
          )
          return { userId, rows: erased?.rows ?? {} }
        },
        { statementTimeoutMs: STATEMENT_TIMEOUT_MS },
      )
    } catch (error) {
      const state = sqlState(error)
      if (state === OBJECT_IN_USE) throw new AppError('USER_ACTIVE')
      throw state === NO_DATA_FOUND ? new AppError('USER_NOT_FOUND') : error
    }
  },

  list: () =>
    database.query<Erasure>(
      `select user_id::text as "userId", iso_time(at) as at, actor, reason, rows from erasures order by id`,
    ),

  data: async (id) => {
    const userId = existing(id)
    const [found] = await database.query<{ is_known: boolean }>(
      'select is_known_person($1) as is_known',
      [userId],
    )
    if (found?.is_known !== true) throw new AppError('USER_NOT_FOUND')
    return personData(database, userId)
  },
})

// As erase_person() raises them.
const OBJECT_IN_USE = '55006'
const NO_DATA_FOUND = 'P0002'

const existing = (id: string): string => {
  if (!isUuid(id)) throw new AppError('USER_NOT_FOUND')
  return id
}
