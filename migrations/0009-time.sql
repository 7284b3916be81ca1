-- Time is a writer too: what happens because a moment has come is a row in `due` that says when, and `write_due`, which
-- any node may call, writes what is due in a transaction of its own. No timer decides anything.

-- The moment that decides what is due. One name for it, so that a test can let days pass by replacing it.
create function log_now() returns timestamptz
  language sql volatile
  return clock_timestamp();

-- What belongs to the data and not to a node.
create table settings (
  name text primary key,
  value text not null
);

-- Kept as pg_timezone_names writes it. PostgreSQL itself takes much that is no place: 'Foo3', 'UTC+3' (west, by POSIX),
-- abbreviations; and 'right/' counts leap seconds.
create function settings_canonical_zone() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  declare
    canonical text;
  begin
    select name into canonical from pg_timezone_names
      where lower(name) = lower(new.value) and name !~ '^(posix|right)/|^(localtime|posixrules|Factory)$'
      order by name limit 1;
    if canonical is null then
      raise exception 'The database knows no time zone %.', new.value
        using errcode = 'invalid_parameter_value', hint = 'pg_timezone_names lists those that it knows.';
    end if;
    new.value := canonical;
    return new;
  end $$;
create trigger settings_canonical_zone before insert or update on settings
  for each row when (new.name = 'time_zone') execute function settings_canonical_zone();

-- Where the shelves are: it says when a day ends. UTC until somebody has said it.
create function time_zone() returns text
  language sql stable security definer set search_path = public, pg_temp
  as $$ select coalesce((select value from settings where name = 'time_zone'), 'UTC') $$;

-- The first moment in `zone` that is after the day `last_day`. Where the clock strikes midnight twice (Havana, the
-- Azores), `at time zone` takes the second; the first is the wall time with the offset of the day before.
create function end_of_day(last_day date, zone text) returns timestamptz
  language sql stable strict parallel safe
  as $$
    select case when first < second and (first at time zone zone)::date > last_day then first else second end
    from (
      select second,
        (midnight - ((second - interval '26 hours') at time zone zone - (second - interval '26 hours') at time zone 'UTC'))
          at time zone 'UTC' as first
      from (
        select midnight, midnight at time zone zone as second
        from (select (last_day + 1)::timestamp as midnight) as a) as b) as c
  $$;

-- What is to be written, and when. Logged, unlike log_pending: it must outlive a crash.
create table due (
  kind text not null,
  key text collate "C" not null,
  due_at timestamptz not null,
  primary key (kind, key)
-- Rows leave at the front of the index: without a vacuum every look at the first would step over all that were there.
) with (autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
create index due_due_at on due (due_at, kind, key);

-- Writes what is due at the earliest moment that has come, at most max_rows of it, and returns how many; 0 where nothing
-- is left, where another node is at it, or where other transactions hold all of it. Call it until it returns 0. One moment
-- at a time, so that what was missed during a stop is caught up in its order.
create function write_due(max_rows integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    -- Read once: the index serves a comparison with a value, not with a clock.
    until constant timestamptz := log_now();
    moment timestamptz;
    written integer;
  begin
    if not pg_try_advisory_xact_lock(7241993007) then
      return 0;
    end if;
    for moment in select distinct due_at from due where due_at <= until order by due_at loop
      written := write_due_items(moment, max_rows);
      if written > 0 then
        return written;
      end if;
    end loop;
    return 0;
  end $$;
