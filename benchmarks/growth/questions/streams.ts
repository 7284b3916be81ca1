import pg from 'pg'
import { quantile } from '../../../e2e/rig/statistics.js'
import { migrate } from '../../../src/storage/migrate.js'
import { createPostgres } from '../../../src/storage/postgres.js'
import { useAllProcessors } from '../../speed/cores.js'
import { postgresSeconds } from '../postgres-cost.js'
import { grow, type GrowthFigure } from '../growth.js'

const STREAMS = [1, 4, 16]
const WRITERS = [1, 4, 16]
/**
 * `bare`: a head and an entry, nothing else. `real`: the triggers of the migrations. `ordersRights`: each COMMIT notes the number of the
 * newest change of rights, which it keeps from moving by a shared lock, as an order between the clinics' logs and that of the users would.
 */
const BARE = { isReal: false, notifies: false, ordersRights: false }
const REAL = { ...BARE, isReal: true }
const VARIANTS = [
  { ...BARE, key: 'bare/notify', name: 'bare, with NOTIFY', notifies: true },
  { ...BARE, key: 'bare/silent', name: 'bare, without NOTIFY' },
  {
    ...BARE,
    key: 'bare/rights',
    name: 'bare, without NOTIFY, rights in order',
    ordersRights: true,
  },
  { ...REAL, key: 'real/notify', name: 'real triggers, with NOTIFY', notifies: true },
  { ...REAL, key: 'real/silent', name: 'real triggers, without NOTIFY' },
] as const
type Variant = (typeof VARIANTS)[number]

/**
 * The riskiest step of a log for each clinic: whether commits of different streams share a wait for the disk. Heads are rows of
 * one PostgreSQL, fsync on; each writer commits changes of its own items to its stream, one after the other.
 */
export const streams: GrowthFigure = {
  name: 'streams',
  run: async ({ world, pick }) => {
    const ms = pick(2_000, 500)
    // Writers and PostgreSQL alone: on one processor they would be the limit, not the locks.
    useAllProcessors(world.postgresPid)
    useAllProcessors(process.pid)
    const rates = VARIANTS.flatMap((variant) =>
      WRITERS.map((writers) => {
        const what = `commits/s, ${String(writers)} writers, ${variant.name}`
        const key = `${variant.key}/${String(writers)}`
        return { variant, writers, growth: grow(key, what, '1/s', 'streams', 'power') }
      }),
    )
    const raw: unknown[] = []
    for (const variant of VARIANTS) {
      const url = await world.createDatabase()
      await (variant.isReal ? prepareReal(url, variant) : prepareBare(url, variant))
      for (const { writers, growth } of rates.filter((one) => one.variant === variant)) {
        for (const streamCount of STREAMS.filter((count) => count <= writers)) {
          const made = await commit(
            url,
            writers,
            streamCount,
            ms,
            variant.isReal,
            world.postgresPid,
          )
          growth.add(streamCount, made.perSecond)
          raw.push({ variant: variant.name, writers, streams: streamCount, ...made })
        }
      }
    }
    return { growths: rates.map(({ growth }) => growth.growth()), findings: [], raw }
  },
}

/** A head for each stream, and one deferred trigger that numbers at COMMIT, as log_commit does. */
const prepareBare = async (url: string, { notifies, ordersRights }: Variant): Promise<void> => {
  const database = createPostgres({ url, poolSize: 1, onError: () => undefined })
  try {
    await database.query(
      'create table heads (stream integer primary key, seq bigint not null default 0)',
    )
    await database.query('insert into heads select n from generate_series(0, 16) n')
    await database.query(
      'create table entries (stream integer, seq bigint, payload jsonb, rights bigint, primary key (stream, seq))',
    )
    await database.query('create table items (id integer primary key, quantity integer not null)')
    await database.query('insert into items select n, 0 from generate_series(1, 1600) n')
    await database.query(`
      create function number_it() returns trigger language plpgsql as $$
      declare
        mine integer := current_setting('probe.stream')::integer;
        next bigint;
        rights bigint;
      begin
        ${ordersRights ? 'perform pg_advisory_xact_lock_shared(45); select seq into rights from heads where stream = 0;' : ''}
        update heads set seq = seq + 1 where stream = mine returning seq into next;
        insert into entries values (mine, next, jsonb_build_object('id', new.id, 'quantity', new.quantity), rights);
        ${notifies ? "perform pg_notify('probe', '');" : ''}
        return null;
      end $$`)
    await database.query(
      'create constraint trigger number_it after update on items deferrable initially deferred for each row execute function number_it()',
    )
  } finally {
    await database.close()
  }
}

/** The migrations, with a head for each stream: each has numbers of its own range, so that readers of one log keep working. */
const prepareReal = async (url: string, { notifies }: Variant): Promise<void> => {
  const database = createPostgres({ url, poolSize: 1, onError: () => undefined })
  try {
    await migrate(database)
    await database.query(
      `insert into inventory_items (sku, name) select 'item-' || n, 'Item' from generate_series(1, 1600) n`,
    )
    await database.query(
      `insert into inventory_lots (sku, lot_number, quantity, expiry_date)
       select 'item-' || n, 'L', 1000000, current_date + 700 from generate_series(1, 1600) n`,
    )
    await database.query(
      'alter table log_head drop constraint log_head_pkey, add column stream integer',
    )
    await database.query('update log_head set stream = 1')
    await database.query(
      'insert into log_head (stream, seq) select n, n * 1000000000000 from generate_series(2, 16) n',
    )
    await database.query('create unique index log_head_stream on log_head (stream)')
    const [found] = await database.query<{ text: string }>(
      `select pg_get_functiondef('log_commit'::regproc) as text`,
    )
    const text = found?.text ?? ''
    const perStream = text.replace(
      'where singleton returning',
      `where stream = current_setting('probe.stream')::integer returning`,
    )
    const changed = notifies
      ? perStream
      : perStream.replace(`perform pg_notify('uzima_log', '');`, '')
    if (perStream === text || (!notifies && changed === perStream)) {
      throw new Error('log_commit is not what this probe knows.')
    }
    await database.query(changed)
  } finally {
    await database.close()
  }
}

interface Made {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly postgresMs: number
}

const commit = async (
  url: string,
  writers: number,
  streamCount: number,
  ms: number,
  isReal: boolean,
  postmaster: number,
): Promise<Made> => {
  const clients = await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query(`set probe.stream = '${String((writer % streamCount) + 1)}'`)
      return client
    }),
  )
  const text = isReal
    ? `update inventory_lots set quantity = quantity - 1 where sku = 'item-' || $1::integer`
    : 'update items set quantity = quantity + 1 where id = $1::integer'
  const run = async (lastsMs: number): Promise<number[]> => {
    const times: number[] = []
    const until = performance.now() + lastsMs
    await Promise.all(
      clients.map(async (client, writer) => {
        for (let number = 0; performance.now() < until; number += 1) {
          const from = performance.now()
          await client.query({ name: 'change', text, values: [writer * 100 + (number % 100) + 1] })
          times.push(performance.now() - from)
        }
      }),
    )
    return times
  }
  try {
    await run(ms / 4)
    const [cpu, from] = [postgresSeconds(postmaster), performance.now()]
    const times = await run(ms)
    const seconds = (performance.now() - from) / 1_000
    return {
      perSecond: times.length / seconds,
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      postgresMs: ((postgresSeconds(postmaster) - cpu) * 1_000) / times.length,
    }
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
}
