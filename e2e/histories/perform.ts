import type pg from 'pg'
import type { Random } from '../rig/random.js'
import type { Cluster } from './cluster.js'
import { moveBySql } from './movements.js'
import type { Act, Recording } from './recording.js'
import type { Step } from './schedule.js'

/** Does what a schedule says to one user, one thing after the other, and notes what was committed. */
export interface Performer {
  readonly perform: (step: Exclude<Step, { readonly do: 'offline' }>) => Promise<void>
  /** Tokens from before may be good for nothing. */
  readonly endedAt: () => number
}

interface GrantRow {
  readonly id: string
  readonly from: string
  readonly until: string
}

const TIMES = `id, (extract(epoch from valid_from) * 1000000)::bigint::text as from,
  (extract(epoch from valid_until) * 1000000)::bigint::text as until`

export const createPerformer = (
  cluster: Cluster,
  recording: Recording,
  random: Random,
): Performer => {
  const { pool, nodes, rest } = cluster
  const { userId, acts } = recording
  const grants: string[] = []
  let count = 0
  let endedAt = 0

  const head = async (by: Pick<pg.PoolClient, 'query'> = pool): Promise<number> => {
    const { rows } = await by.query<{ seq: string }>('select seq from log_head')
    return Number(rows[0]?.seq)
  }

  /** `work` in a transaction; undefined where the database refuses it, as it does what has ended meanwhile. */
  const bySql = async <T extends object>(
    work: (client: pg.PoolClient, tag: string) => Promise<T | undefined>,
  ): Promise<(T & Pick<Act, 'after' | 'until'>) | undefined> => {
    const after = await head()
    const tag = nextTag()
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query(`select set_config('uzima.actor', $1, true)`, [tag])
      const done = await work(client, tag)
      await client.query('commit')
      return done === undefined ? undefined : { ...done, after, until: await head(client) }
    } catch (error) {
      await client.query('rollback')
      if ((error as { code?: string }).code !== CHECK_VIOLATION) throw error
      return undefined
    } finally {
      client.release()
    }
  }

  /** Asks until a node answers; `isDone` tells whether one that did not has done it. */
  const byRest = async (
    method: string,
    path: string,
    body: object | undefined,
    isDone: () => Promise<boolean>,
  ): Promise<Pick<Act, 'after' | 'until'> | undefined> => {
    const after = await head()
    for (let turn = random.int(0, 1); ; turn += 1) {
      const url = nodes[turn % nodes.length]?.url ?? ''
      const call = { url, method, path, token: cluster.adminToken() }
      const answer = await rest({ ...call, ...(body === undefined ? {} : { body }) }).catch(
        () => undefined,
      )
      if (answer !== undefined && answer.status < 300) return { after, until: await head() }
      if (answer !== undefined && [400, 409, 422].includes(answer.status)) return undefined
      await new Promise((resolve) => setTimeout(resolve, 400))
      if (await isDone()) return { after, until: await head() }
    }
  }

  const nextTag = (): string => {
    count += 1
    return `h${String(recording.index)}-${String(count)}`
  }

  const readGrant = async (column: 'id' | 'reason', value: string): Promise<GrantRow | undefined> =>
    (await pool.query<GrantRow>(`select ${TIMES} from role_grants where ${column} = $1`, [value]))
      .rows[0]

  const grant = async (step: Extract<Step, { readonly do: 'grant' }>): Promise<void> => {
    const { role, fromMs, lengthMs } = step
    if (step.via === 'rest' && !step.touching) {
      const tag = nextTag()
      const from = Date.now() + fromMs
      const validUntil = new Date(from + lengthMs + 50).toISOString()
      const body = { role, reason: tag, validUntil }
      const told = await byRest(
        'POST',
        `/api/users/${userId}/grants`,
        fromMs === 0 ? body : { ...body, validFrom: new Date(from).toISOString() },
        async () => (await readGrant('reason', tag)) !== undefined,
      )
      const row = await readGrant('reason', tag)
      if (told !== undefined && row !== undefined) record({ ...told, row, step })
      return
    }
    const made = await bySql(async (client, tag) => {
      if (step.withMovement) await moveBySql(client, cluster.skus, random)
      const { rows } = await client.query<GrantRow>(
        `insert into role_grants (user_id, role, valid_from, valid_until, reason, granted_by)
         select $1::uuid, $2, t.at, t.at + $4::integer * interval '1 millisecond', $5::text, $5::text
         from (select coalesce(
           (select valid_until from role_grants where id = $6::uuid and valid_until > clock_timestamp()),
           clock_timestamp() + $3::integer * interval '1 millisecond') as at) as t
         returning ${TIMES}`,
        [userId, role, fromMs, lengthMs, tag, (step.touching ? grants.at(-1) : undefined) ?? null],
      )
      return rows[0] === undefined ? undefined : { row: rows[0] }
    })
    if (made !== undefined) record({ ...made, step })
  }

  const record = ({
    row,
    after,
    until,
    step,
  }: Pick<Act, 'after' | 'until'> & {
    readonly row: GrantRow
    readonly step: Extract<Step, { readonly do: 'grant' }>
  }): void => {
    grants.push(row.id)
    acts.push({
      what: 'grant',
      via: step.via,
      after,
      until,
      grantId: row.id,
      role: step.role,
      from: Number(row.from),
      end: Number(row.until),
    })
  }

  const add = (
    done: Pick<Act, 'after' | 'until'> | undefined,
    act: Omit<Act, 'after' | 'until'>,
  ): void => {
    if (done !== undefined) acts.push({ ...act, after: done.after, until: done.until })
  }

  const update = (set: string, value: unknown) =>
    bySql(async (client) => {
      await client.query(`update users set ${set} where id = $1`, [userId, value])
      return {}
    })

  const perform: Performer['perform'] = async (step) => {
    if (step.do === 'grant') await grant(step)
    else if (step.do === 'revoke') {
      const grantId = grants[step.which % Math.max(grants.length, 1)]
      if (grantId === undefined) return
      const done =
        step.via === 'sql'
          ? await bySql(async (client) => {
              const { rowCount } = await client.query(
                'update role_grants set revoked_at = now() where id = $1 and revoked_at is null and valid_until > log_now()',
                [grantId],
              )
              return rowCount === 0 ? undefined : {}
            })
          : await byRest('DELETE', `/api/grants/${grantId}`, undefined, () =>
              Promise.resolve(false),
            )
      add(done, { what: 'revoke', via: step.via, grantId })
    } else if (step.do === 'shorten') {
      const grantId = grants[step.which % Math.max(grants.length, 1)]
      if (grantId === undefined) return
      const done = await bySql(async (client) => {
        const { rows } = await client.query<GrantRow>(
          `update role_grants
           set valid_until = greatest(valid_from + interval '1 millisecond', clock_timestamp() + $2::integer * interval '1 millisecond')
           where id = $1 and revoked_at is null and valid_until > log_now() returning ${TIMES}`,
          [grantId, step.toMs],
        )
        return rows[0] === undefined ? undefined : { end: Number(rows[0].until) }
      })
      if (done !== undefined) {
        add(done, { what: 'shorten', via: 'sql', grantId, end: done.end })
      }
    } else if (step.do === 'role') {
      const { role, via } = step
      const done =
        via === 'sql'
          ? await update('role = $2', role)
          : await byRest('PATCH', `/api/users/${userId}`, { role }, () => Promise.resolve(false))
      add(done, { what: 'role', via, role })
    } else if (step.do === 'active') {
      const { isActive } = step
      add(await update('is_active = $2', isActive), { what: 'active', via: 'sql', isActive })
      endedAt = Date.now()
    } else {
      const done = await bySql(async (client) => {
        await client.query('update users set tokens_not_before = clock_timestamp() where id = $1', [
          userId,
        ])
        return {}
      })
      add(done, { what: 'sessions', via: 'sql' })
      endedAt = Date.now()
    }
  }

  return { perform, endedAt: () => endedAt }
}

const CHECK_VIOLATION = '23514'
