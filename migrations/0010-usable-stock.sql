-- What can be dispensed is told apart from what lies on the shelf. Whether a lot has expired is state, changed by an entry
-- of the log, and not worked out when somebody reads: else a view read just after midnight and the log would differ.

alter table inventory_items
  -- Units in lots that have expired, kept by the triggers of the lots. The rest of the total is usable.
  add column expired_quantity integer not null default 0 check (expired_quantity >= 0);
alter table inventory_lots
  -- Kept by the database: whether the lot's last day was over when time, or a change of its date, was last written.
  add column expired boolean not null default false;

create or replace view inventory_item_view as
  select i.sku, i.name, i.category, i.threshold, i.total_quantity, i.archived_at,
    jsonb_build_object(
      'sku', i.sku,
      'name', i.name,
      'category', i.category,
      'unit', i.unit,
      'threshold', i.threshold,
      'totalQuantity', i.total_quantity,
      'usableQuantity', i.total_quantity - i.expired_quantity,
      'expiredQuantity', i.expired_quantity,
      'lowStock', i.total_quantity - i.expired_quantity <= i.threshold,
      'version', i.version,
      'lots', coalesce(l.lots, '[]'),
      'metadata', i.metadata,
      'updatedAt', iso_time(i.updated_at)) as item,
    coalesce(l.lots, '[]') as lots,
    i.total_quantity - i.expired_quantity as usable_quantity
  from inventory_items i
  left join lateral (
    select jsonb_agg(jsonb_build_object(
        'lotNumber', lot_number,
        'quantity', quantity,
        'expiryDate', to_char(expiry_date, 'YYYY-MM-DD'),
        'receivedAt', iso_time(received_at),
        'expired', expired)
      order by expiry_date, lot_number) as lots
    from inventory_lots where sku = i.sku) l on true;

create or replace function items_before_write() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    if tg_op = 'INSERT' then
      if new.total_quantity <> 0 or new.expired_quantity <> 0 then
        raise exception 'total_quantity is kept by the database.'
          using hint = 'Insert the item without it, then its lots into inventory_lots.';
      end if;
      return new;
    end if;
    if new.stock_version = old.stock_version
      and (new.total_quantity, new.expired_quantity) is distinct from (old.total_quantity, old.expired_quantity)
    then
      raise exception 'total_quantity is kept by the database.' using hint = 'Change inventory_lots.';
    end if;
    -- A version without an entry of the log would be news that no client hears of.
    if (new.sku, new.name, new.category, new.unit, new.threshold, new.metadata, new.archived_at, new.stock_version)
      is not distinct from
      (old.sku, old.name, old.category, old.unit, old.threshold, old.metadata, old.archived_at, old.stock_version)
    then
      new.version := old.version;
      new.updated_at := old.updated_at;
    else
      new.version := old.version + 1;
      new.updated_at := clock_timestamp();
    end if;
    return new;
  end $$;
drop trigger items_before_update on inventory_items;
create trigger items_before_update
  before update of sku, name, category, unit, threshold, total_quantity, expired_quantity, metadata, archived_at, version,
    updated_at, stock_version
  on inventory_items for each row execute function items_before_write();

-- Nobody decides by himself that a lot has expired, or has not: whoever writes the flag or the date gets the truth. Other
-- changes leave the flag alone, so that the passing of a day has its own entry, written by write_due.
create function lots_before_write() returns trigger
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    -- Any other date is refused by the column's check, in words that name it.
    new.expired := case when new.expiry_date between '0001-01-01' and '9999-12-31'
      then end_of_day(new.expiry_date, time_zone()) <= log_now() else false end;
    return new;
  end $$;
create trigger lots_before_insert before insert on inventory_lots
  for each row execute function lots_before_write();
create trigger lots_before_update before update on inventory_lots
  for each row when (new.expiry_date is distinct from old.expiry_date or new.expired is distinct from old.expired)
  execute function lots_before_write();

-- The lots that the statement really changed, by item. An insert has no rows before it, a delete none after.
create or replace function lots_changed_sql(op text) returns text
  language sql immutable
  as $$
    select format($sql$
      select sku, sum(now_quantity - was_quantity) as delta,
        coalesce(sum(now_quantity) filter (where is_expired), 0)
          - coalesce(sum(was_quantity) filter (where was_expired), 0) as expired_delta,
        bool_and(was_there and is_there and same) as only_flags,
        bool_or(not (was_there and is_there) or was_expired <> is_expired or new_date) as reschedules,
        bool_or(was_expired and now_quantity < was_quantity) as takes_expired,
        max(expiry) filter (where is_expired and not was_expired) as last_day,
        jsonb_agg(jsonb_build_object(
          'lotNumber', lot_number, 'expiryDate', to_char(expiry, 'YYYY-MM-DD'),
          'delta', now_quantity - was_quantity, 'before', was_quantity, 'after', now_quantity)
        order by expiry, lot_number) as lots
      from (
        select sku, lot_number, coalesce(n.expiry_date, o.expiry_date) as expiry,
          coalesce(o.quantity, 0) as was_quantity, coalesce(n.quantity, 0) as now_quantity,
          coalesce(o.expired, false) as was_expired, coalesce(n.expired, false) as is_expired,
          o.quantity is not null as was_there, n.quantity is not null as is_there,
          o.expiry_date is distinct from n.expiry_date as new_date,
          (o.quantity, o.expiry_date, o.received_at)
            is not distinct from (n.quantity, n.expiry_date, n.received_at) as same
        from (%s) as o full join (%s) as n using (sku, lot_number)
        where (o.quantity, o.expiry_date, o.received_at, o.expired)
          is distinct from (n.quantity, n.expiry_date, n.received_at, n.expired)) as changed
      group by sku order by sku$sql$,
      case when op = 'INSERT' then 'select * from inventory_lots where false' else 'select * from before_rows' end,
      case when op = 'DELETE' then 'select * from inventory_lots where false' else 'select * from after_rows' end)
  $$;

create or replace function lots_touched() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    moved record;
    total_after integer;
    action text := coalesce(
      nullif(current_setting('uzima.action', true), ''),
      case tg_op when 'INSERT' then 'lot_added' else 'adjusted' end);
  begin
    if action not in ('lot_added', 'consumed', 'adjusted', 'disposed') then
      raise exception 'uzima.action is %, but a change of lots is lot_added, consumed, adjusted or disposed.', action;
    end if;
    -- Two items are always locked in the same order, whatever the order of the rows. The total moves by what this
    -- trigger saw, because one statement may fire several (on conflict do update, merge): each has its own movement.
    for moved in execute lots_changed_sql(tg_op) loop
      if action = 'consumed' and moved.takes_expired then
        raise exception 'A lot of % has expired: it is not consumed.', moved.sku
          using errcode = 'check_violation', hint = 'Dispose of it: uzima.action is disposed.';
      end if;
      update inventory_items
        set total_quantity = total_quantity + moved.delta, expired_quantity = expired_quantity + moved.expired_delta,
          stock_version = stock_version + 1
        where sku = moved.sku returning total_quantity into total_after;
      if moved.reschedules then
        perform schedule_expiry(moved.sku);
      end if;
      -- Time moves nothing on the shelf: it has its entry, and no movement.
      perform log_touch('item', moved.sku, case
        when moved.only_flags and moved.last_day is not null then jsonb_build_object(
          'op', 'expired', 'dueAt', iso_time(end_of_day(moved.last_day, time_zone())))
        when moved.only_flags then jsonb_build_object('op', 'updated')
        else jsonb_build_object(
          'op', action, 'delta', moved.delta, 'before', total_after - moved.delta, 'after', total_after,
          'lots', moved.lots, 'actor', log_actor(), 'reason', nullif(current_setting('uzima.reason', true), ''))
      end);
    end loop;
    return null;
  end $$;

-- Its birth before all, else the one kind of movement there was; several kinds together are an adjustment. Time names a
-- change only where nobody moved anything. Whether the item is archived, its state at COMMIT says: it may have come back.
create or replace function item_change_type(changes jsonb) returns text
  language sql immutable set search_path = public, pg_temp
  as $$
    select case
      when bool_or(op = 'created') then 'created'
      when count(distinct op) filter (where moves) > 1 then 'adjusted'
      when bool_or(moves) then max(op) filter (where moves)
      when bool_or(op = 'expired') then 'expired'
      else 'updated'
    end
    from (
      select op, op not in ('updated', 'expired', 'archived') as moves
      from (select change ->> 'op' as op from jsonb_array_elements(changes) as change) as named) as ops
  $$;

-- Entries of a touched item: its new state, and an alert where this transaction took what is usable to or below the
-- threshold.
create or replace function log_item_entries(item_sku text, changes jsonb) returns setof log_entry
  language plpgsql set search_path = public, pg_temp
  as $$
  declare
    item record;
    change_type text := item_change_type(changes);
    consumed jsonb := case when change_type = 'consumed' then lots_consumed(changes) end;
    is_low boolean;
  begin
    -- The day may have ended since the lots were chosen. Whoever repeats the transaction finds them expired.
    if consumed is not null and exists (
      select from due where kind = 'item' and key = item_sku and due_at <= log_now()) and exists (
      select from jsonb_array_elements(consumed) as lot
      where end_of_day((lot ->> 'expiryDate')::date, time_zone()) <= log_now())
    then
      raise exception 'A lot of % expired while it was given out.', item_sku using errcode = 'serialization_failure';
    end if;

    select v.*, i.low_stock_announced into strict item
      from inventory_item_view v join inventory_items i using (sku) where v.sku = item_sku;
    -- Whoever lists items must not take an archived one in again because a lot of it was corrected.
    if item.archived_at is not null then
      change_type := 'archived';
    end if;
    return next ('inventory:update', 'stock', jsonb_strip_nulls(jsonb_build_object(
      'lotsConsumed', case when change_type = 'consumed' then consumed end,
      'dueAt', (select max(change ->> 'dueAt') from jsonb_array_elements(changes) as change)))
      || jsonb_build_object('type', change_type, 'item', item.item))::log_entry;

    is_low := item.usable_quantity <= item.threshold;
    if is_low is distinct from item.low_stock_announced then
      update inventory_items set low_stock_announced = is_low where sku = item_sku;
      if is_low and item.archived_at is null then
        return next ('inventory:lowStock', 'alerts', jsonb_build_object(
          'sku', item.sku, 'name', item.name, 'totalQuantity', item.total_quantity,
          'usableQuantity', item.usable_quantity, 'threshold', item.threshold, 'lots', item.lots))::log_entry;
      end if;
    end if;
  end $$;

create or replace function changed_fields(one jsonb, other jsonb) returns jsonb
  language sql immutable
  as $$
    select coalesce(jsonb_object_agg(name, case name when 'password_hash' then '"redacted"' else value end), '{}')
    from jsonb_each(one) as field (name, value)
    where other -> name is distinct from value
      and name not in ('updated_at', 'version', 'stock_version', 'total_quantity', 'expired_quantity',
        'low_stock_announced', 'auth_version')
  $$;
