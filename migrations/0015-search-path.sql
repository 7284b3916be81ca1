-- Another program's search path decided which names these functions found. Those that a migration makes from now on are
-- pinned by whoever applies it; this does the same for the older ones. A body that was parsed when it was made needs none.
do $$
declare
  older regprocedure;
begin
  for older in
    select p.oid from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prosqlbody is null
      and p.proname in ('log_actor', 'refuse_truncate', 'refuse_rewrite', 'revocations_is_history', 'nodes_chain_grows',
        'connection_log_youngest_prunable', 'lots_changed_sql', 'changed_fields', 'end_of_day')
      and not exists (select from unnest(p.proconfig) as setting where setting like 'search_path=%')
  loop
    execute format('alter function %s set search_path = public, pg_temp', older);
  end loop;
end $$;

-- It keeps whole rows as JSON, where a time is written in the time zone of whoever changed the row.
alter function note_record_change() set timezone = 'UTC';
