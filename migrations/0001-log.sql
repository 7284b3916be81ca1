-- The one log. Row triggers of the tables that matter note in log_pending what a transaction touched; a deferred
-- constraint trigger numbers one entry per touched thing at COMMIT. Why not a bigserial: it numbers before the commit,
-- so a reader skips what commits late, and a rollback leaves a hole.

create table log_head (
  singleton boolean primary key default true check (singleton),
  -- Names this log. A restored backup gets a new one, so that no client resumes into another past.
  epoch uuid not null default gen_random_uuid(),
  -- Number of the newest entry.
  seq bigint not null default 0,
  -- Entries up to this number were removed by retention.
  trimmed_seq bigint not null default 0
);
insert into log_head default values;

create table event_log (
  seq bigint primary key,
  name text not null,
  -- Who the entry is for: 'stock', 'alerts', or 'user:<id>'.
  audience text not null,
  payload jsonb not null,
  at timestamptz not null
);
create index event_log_at on event_log (at);

-- Rows live inside one transaction only: the commit that reads them deletes them. So nothing of it needs the WAL.
create unlogged table log_pending (
  txid xid8 not null default pg_current_xact_id(),
  -- Order of the changes inside the transaction.
  position bigint generated always as identity,
  kind text not null,
  key text not null,
  change jsonb not null,
  primary key (txid, position)
);

create function iso_time(t timestamptz) returns text
  language sql immutable strict parallel safe
  return to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- Who makes this change: what the transaction says of itself, else the database role.
create function log_actor() returns text
  language sql stable
  as $$
    select coalesce(
      nullif(current_setting('uzima.actor', true), ''),
      nullif(nullif(current_setting('role', true), 'none'), ''),
      session_user::text)
  $$;

-- The triggers act with the owner's rights (security definer), so that a program that may only write the stock needs
-- no right on the log. The search path is pinned, with pg_temp last, so that nobody can slip a table of his own under.
create function log_touch(touched_kind text, touched_key text, change jsonb) returns void
  language sql security definer set search_path = public, pg_temp
  as $$
    insert into log_pending (kind, key, change) values (touched_kind, touched_key, change)
  $$;
-- Whoever could call it could write history.
revoke execute on function log_touch from public;

-- What a later migration redefines: the entries of one touched thing, in order, as rows (name, audience, payload).
-- It may write (movements, alert state); the number of its first entry is not known yet.
create type log_entry as (name text, audience text, payload jsonb);

create function refuse_truncate() returns trigger
  language plpgsql
  as $$
  begin
    raise exception 'TRUNCATE of % would go unseen: it fires no row triggers.', tg_table_name
      using hint = 'Use DELETE.';
  end $$;
