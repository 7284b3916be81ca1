-- What has become due of grants first, and without the lock: it must not wait for a node that stands still. Where two are at it, the
-- second finds nothing left.
create or replace function write_due(max_rows integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    -- Read once: the index serves a comparison with a value, not with a clock.
    until constant timestamptz := log_now();
    moment timestamptz;
    written integer;
  begin
    if (select next_edge_at from log_head) <= until then
      perform log_touch('grant', '', '{}');
      return 1;
    end if;
    if not pg_try_advisory_xact_lock(7241993007) then
      return 0;
    end if;
    for moment in select distinct due_at from due where due_at <= until and kind = 'item' order by due_at loop
      written := write_due_items(moment, max_rows);
      if written > 0 then
        return written;
      end if;
    end loop;
    -- Each has a moment of its own, and none depends on another.
    return write_due_escalations(until, max_rows);
  end $$;

-- After a restore the log goes on by the clock as it is now: one that was far ahead, when the copy was made or before, would end
-- every grant at once.
create or replace function start_new_epoch() returns uuid
  language sql set search_path = public, pg_temp
  as $$
    update log_head h set epoch = gen_random_uuid(), last_at = from_now.moment, next_edge_at = e.next_edge, next_end_at = e.next_end
      from (select least(last_at, log_now()) as moment from log_head) as from_now, edges_after(from_now.moment) as e
      returning h.epoch
  $$;
