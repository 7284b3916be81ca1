-- When lots expire, and the writing of it: what write_due does for items.

-- Notes when the next of the item's lots expires. The caller holds the item: so whoever comes later sees these lots.
create function schedule_expiry(item_sku text) returns void
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    -- + 0: else the smallest is looked for in the index of all lots by date, past those of every other item.
    next_expiry constant timestamptz := (
      select end_of_day(min(expiry_date + 0), time_zone()) from inventory_lots where sku = item_sku and not expired);
  begin
    if next_expiry is null then
      delete from due where kind = 'item' and key = item_sku;
    else
      insert into due (kind, key, due_at) values ('item', item_sku, next_expiry)
        on conflict (kind, key) do update set due_at = excluded.due_at where due.due_at <> excluded.due_at;
    end if;
  end $$;
revoke execute on function schedule_expiry from public;

-- The lots that expired at `moment`, of at most max_items items; returns how many items are done. It waits for nobody: what
-- another transaction holds is left for the next time, so neither a deadlock nor a forgotten psql stops the others.
create function write_due_items(moment timestamptz, max_items integer) returns integer
  language plpgsql set search_path = public, pg_temp
  as $$
  declare
    skus constant text[] := array(
      select i.sku from due d join inventory_items i on i.sku = d.key
      where d.kind = 'item' and d.due_at = moment
      order by i.sku limit max_items for no key update of i skip locked);
    -- The same as the end of a lot's last day at `moment`, without working it out for each lot.
    today constant date := (moment at time zone time_zone())::date;
    left_over text;
    undone integer := 0;
  begin
    update inventory_lots set expired = true
      where (sku, lot_number) in (
        select sku, lot_number from inventory_lots
        where sku in (select unnest(skus)) and not expired and expiry_date < today
        order by sku, lot_number for update skip locked);
    -- Held by somebody, or noted for another time zone.
    for left_over in
      select key from due where kind = 'item' and key in (select unnest(skus)) and due_at = moment order by key
    loop
      perform schedule_expiry(left_over);
    end loop;
    select count(*) into undone from due
      where kind = 'item' and key in (select unnest(skus)) and due_at = moment;
    return cardinality(skus) - undone;
  end $$;
revoke execute on function write_due_items from public;

-- What is due for one item, for a caller who cannot go on without it.
create function expire_item(item_sku text) returns void
  language plpgsql set search_path = public, pg_temp
  as $$
  begin
    -- In the order in which a consumption locks them.
    perform from inventory_lots where sku = item_sku and not expired order by expiry_date, lot_number for update;
    update inventory_lots set expired = true
      where sku = item_sku and not expired and end_of_day(expiry_date, time_zone()) <= log_now();
  end $$;

-- Puts right what another time zone, or another release of its rules, has changed, for at most max_items items; returns how
-- many. A lot whose day is not over any more is usable again at once; one whose day is over already is left to write_due.
create function reschedule_expiries(max_items integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    zone constant text := time_zone();
    at_this_moment constant timestamptz := log_now();
    item_sku text;
    done integer := 0;
  begin
    for item_sku in
      select coalesce(l.sku, d.key)
      from (
        select sku, end_of_day(min(expiry_date) filter (where not expired), zone) as due_at,
          coalesce(end_of_day(max(expiry_date) filter (where expired), zone) > at_this_moment, false) as is_usable_again
        from inventory_lots join inventory_items using (sku) group by sku) as l
      full join (select key, due_at from due where kind = 'item') as d on d.key = l.sku
      where l.due_at is distinct from d.due_at or l.is_usable_again
      order by 1 limit max_items
    loop
      perform from inventory_lots where sku = item_sku order by expiry_date, lot_number for update;
      update inventory_lots set expired = false
        where sku = item_sku and expired and end_of_day(expiry_date, zone) > at_this_moment;
      perform from inventory_items where sku = item_sku for no key update;
      perform schedule_expiry(item_sku);
      done := done + 1;
    end loop;
    return done;
  end $$;

create function settings_zone_changed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  begin
    perform reschedule_expiries(2147483647);
    -- So that a node looks at what is due by now.
    perform pg_notify('uzima_log', '');
    return null;
  end $$;
create trigger settings_zone_changed after insert or update on settings
  for each row when (new.name = 'time_zone') execute function settings_zone_changed();

-- Lots that have expired already are due since: the first node that starts writes them, with their entries and alerts.
insert into due (kind, key, due_at)
  select 'item', sku, end_of_day(min(expiry_date), time_zone()) from inventory_lots group by sku;
