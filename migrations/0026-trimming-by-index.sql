-- Whether an entry was left out is asked of the index. As an `exists` the planner takes it for a third of the log, so for quickly
-- found, and walked over all of the log for each batch of the retention, since there is none: two seconds for three million.
create or replace function event_log_trimmed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    last constant bigint := (select max(seq) from gone);
  begin
    if last is null then
      return null;
    end if;
    if (select min(seq) from event_log where seq < last) is not null or (select max(seq) from event_log) is null then
      raise exception 'event_log is history: entries go from the beginning only, and the newest stays.';
    end if;
    -- The row that every commit waits for: at the end of the statement.
    update log_head set trimmed_seq = greatest(trimmed_seq, last);
    return null;
  end $$;
