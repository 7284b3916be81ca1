import type { Queryable } from '../../src/storage/database.js'

/** Stops the clock that decides what is due, at `now`. */
export const setClock = (database: Queryable, now: string): Promise<void> =>
  database.script(`
    create table if not exists test_clock (at timestamptz not null);
    delete from test_clock;
    insert into test_clock values ('${now}');
    create or replace function log_now() returns timestamptz
      language sql volatile security definer set search_path = public, pg_temp
      as 'select at from test_clock'`)

/** Lets a hundred years pass before time escalates an alert, for tests of what else it writes. */
export const putOffEscalations = (database: Queryable): Promise<void> =>
  database.script(`insert into settings values ('alert_escalate_after_ms', '3153600000000')`)

/** Moves the stopped clock on. */
export const letDaysPass = async (database: Queryable, days: number): Promise<void> => {
  await database.query(`update test_clock set at = at + $1 * interval '1 day'`, [days])
}
