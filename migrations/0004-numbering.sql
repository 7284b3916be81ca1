-- Numbers at COMMIT: what the row triggers noted becomes entries of the log.

-- The name of what happened to an item in this transaction: its birth or its end before all, else the one kind of
-- movement there was; several kinds together are an adjustment.
create function item_change_type(changes jsonb) returns text
  language sql immutable set search_path = public, pg_temp
  as $$
    select case
      when bool_or(op = 'created') then 'created'
      when bool_or(op = 'archived') then 'archived'
      when count(distinct op) filter (where op <> 'updated') > 1 then 'adjusted'
      else coalesce(max(op) filter (where op <> 'updated'), 'updated')
    end
    from (select change ->> 'op' as op from jsonb_array_elements(changes) as change) as ops
  $$;

create function lots_consumed(changes jsonb) returns jsonb
  language sql immutable set search_path = public, pg_temp
  as $$
    select jsonb_agg(jsonb_build_object('lotNumber', number, 'expiryDate', expiry, 'quantity', quantity)
      order by expiry, number collate "C")
    from (
      select lot ->> 'lotNumber' as number, lot ->> 'expiryDate' as expiry, -sum((lot ->> 'delta')::bigint) as quantity
      from jsonb_array_elements(changes) as change, jsonb_array_elements(change -> 'lots') as lot
      where change ? 'lots'
      group by 1, 2) as taken
    where quantity > 0
  $$;

-- Entries of a touched item: its new state, and an alert where this transaction took it to or below its threshold.
create function log_item_entries(item_sku text, changes jsonb) returns setof log_entry
  language plpgsql set search_path = public, pg_temp
  as $$
  declare
    item record;
    change_type text := item_change_type(changes);
    is_low boolean;
  begin
    select v.*, i.low_stock_announced into strict item
      from inventory_item_view v join inventory_items i using (sku) where v.sku = item_sku;
    -- Whoever lists items must not take an archived one in again because a lot of it was corrected.
    if item.archived_at is not null then
      change_type := 'archived';
    end if;
    return next ('inventory:update', 'stock', jsonb_strip_nulls(jsonb_build_object(
      'lotsConsumed', case when change_type = 'consumed' then lots_consumed(changes) end))
      || jsonb_build_object('type', change_type, 'item', item.item))::log_entry;

    is_low := item.total_quantity <= item.threshold;
    if is_low is distinct from item.low_stock_announced then
      update inventory_items set low_stock_announced = is_low where sku = item_sku;
      if is_low and item.archived_at is null then
        return next ('inventory:lowStock', 'alerts', jsonb_build_object(
          'sku', item.sku, 'name', item.name, 'totalQuantity', item.total_quantity,
          'threshold', item.threshold, 'lots', item.lots))::log_entry;
      end if;
    end if;
  end $$;

-- Runs at COMMIT, once for each noted change; the first run does the work of all, the others find their row gone (each
-- looks for its own: looking for any would walk over all that the first has deleted). The head is locked last and only
-- here: a transaction that stays open for seconds delays nobody, and no order of locks on it can deadlock.
create function log_commit() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    mine constant xid8 := pg_current_xact_id();
    thing record;
    entry log_entry;
    entries log_entry[] := '{}';
    movements jsonb[] := '{}';
    movement jsonb;
    first_seq bigint;
    committed_at timestamptz;
  begin
    if not exists (select from log_pending where txid = mine and position = new.position) then
      return null;
    end if;

    -- Rights before data: who loses a right in this transaction does not see its stock changes.
    for thing in
      select kind, key, jsonb_agg(change order by position) as changes from log_pending where txid = mine
      group by kind, key
      order by array_position(array['user', 'session', 'item'], kind), key
    loop
      if thing.kind = 'item' then
        for movement in select c from jsonb_array_elements(thing.changes) as c where c ? 'lots' loop
          movements := array_append(
            movements, movement || jsonb_build_object('sku', thing.key, 'entry', cardinality(entries)));
        end loop;
        for entry in select * from log_item_entries(thing.key, thing.changes) loop
          entries := array_append(entries, entry);
        end loop;
      elsif thing.kind = 'user' then
        for entry in select * from log_user_entries(thing.key, thing.changes) loop
          entries := array_append(entries, entry);
        end loop;
      else
        for entry in select * from log_session_entries(thing.key, thing.changes) loop
          entries := array_append(entries, entry);
        end loop;
      end if;
    end loop;
    delete from log_pending where txid = mine;

    update log_head set seq = seq + cardinality(entries) returning seq - cardinality(entries) + 1 into first_seq;
    committed_at := clock_timestamp();
    insert into event_log (seq, name, audience, payload, at)
    select first_seq + position - 1, name, audience,
      payload || jsonb_build_object('seq', first_seq + position - 1, 'timestamp', iso_time(committed_at)), committed_at
    from unnest(entries) with ordinality as t (name, audience, payload, position);
    insert into stock_movements (sku, type, delta, before, after, lots, actor, reason, at, seq)
    select m ->> 'sku', m ->> 'op', (m ->> 'delta')::integer, (m ->> 'before')::integer, (m ->> 'after')::integer,
      m -> 'lots', m ->> 'actor', m ->> 'reason', committed_at, first_seq + (m ->> 'entry')::integer
    from unnest(movements) with ordinality as t (m, position) order by position;

    perform pg_notify('uzima_log', '');
    return null;
  end $$;
create constraint trigger log_commit after insert on log_pending
  deferrable initially deferred for each row execute function log_commit();

-- History and log are written by the triggers alone.
create function refuse_rewrite() returns trigger
  language plpgsql
  as $$
  begin
    raise exception '% is history: rows are never changed.', tg_table_name;
  end $$;
create trigger event_log_is_history before update on event_log
  for each row execute function refuse_rewrite();
create trigger stock_movements_is_history before update or delete on stock_movements
  for each row execute function refuse_rewrite();
create trigger event_log_truncate before truncate on event_log execute function refuse_truncate();
create trigger stock_movements_truncate before truncate on stock_movements execute function refuse_truncate();

-- A restored backup goes on with numbers that clients may have seen for other events: give it a new name.
create function start_new_epoch() returns uuid
  language sql set search_path = public, pg_temp
  as $$ update log_head set epoch = gen_random_uuid() returning epoch $$;
