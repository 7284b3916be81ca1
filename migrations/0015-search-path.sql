-- Another program's search path decided which names these functions found. Those that a migration makes from now on are
-- pinned by whoever applies it; this does the same for the older ones. A body that was parsed when it was made needs none, so
-- those that a trigger calls for each row are made that way: pinned, they made an update of 5,000 lots a sixth slower.
create or replace function log_actor() returns text
  language sql stable
    return coalesce(
      nullif(current_setting('uzima.actor', true), ''),
      nullif(nullif(current_setting('role', true), 'none'), ''),
      session_user::text);

create or replace function changed_fields(one jsonb, other jsonb) returns jsonb
  language sql immutable
    return (
      select coalesce(jsonb_object_agg(name, case name when 'password_hash' then '"redacted"' else value end), '{}')
      from jsonb_each(one) as field (name, value)
      where other -> name is distinct from value
        and name not in ('updated_at', 'version', 'stock_version', 'total_quantity', 'expired_quantity',
          'low_stock_announced', 'auth_version'));

create or replace function end_of_day(last_day date, zone text) returns timestamptz
  language sql stable strict parallel safe
    return (
      select case when first < second and (first at time zone zone)::date > last_day then first else second end
      from (
        select second,
          (midnight - ((second - interval '26 hours') at time zone zone - (second - interval '26 hours') at time zone 'UTC'))
            at time zone 'UTC' as first
        from (
          select midnight, midnight at time zone zone as second
          from (select (last_day + 1)::timestamp as midnight) as a) as b) as c);

do $$
declare
  older regprocedure;
begin
  for older in
    select p.oid from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prosqlbody is null
      and p.proname in ('refuse_truncate', 'refuse_rewrite', 'revocations_is_history', 'nodes_chain_grows',
        'connection_log_youngest_prunable', 'lots_changed_sql')
      and not exists (select from unnest(p.proconfig) as setting where setting like 'search_path=%')
  loop
    execute format('alter function %s set search_path = public, pg_temp', older);
  end loop;
end $$;

-- It keeps whole rows as JSON, where a time is written in the time zone of whoever changed the row.
alter function note_record_change() set timezone = 'UTC';
