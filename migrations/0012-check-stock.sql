-- What the triggers keep is compared with the lots themselves: rows that came in with the triggers off (pg_restore
-- --disable-triggers, session_replication_role = replica) left it behind.

-- Differences between what items say and what their lots say; of these items, or of all.
create function check_stock(skus text[] default null)
  returns table (sku text, what text, "is" text, should text)
  language sql volatile set search_path = public, pg_temp
  as $$
    select asked.sku, difference.*
    from (
      select unnest(coalesce(skus, array(select sku from inventory_items union select sku from inventory_lots)))
        collate "C" as sku) as asked
    left join inventory_items i on i.sku = asked.sku
    left join due d on d.kind = 'item' and d.key = asked.sku
    cross join lateral (
      select coalesce(sum(quantity), 0) as total, coalesce(sum(quantity) filter (where expired), 0) as expired,
        end_of_day(min(expiry_date) filter (where not expired), time_zone()) as next_expiry,
        end_of_day(max(expiry_date) filter (where expired), time_zone()) > log_now() as is_early
      from inventory_lots where inventory_lots.sku = asked.sku) as lots
    left join lateral (
      -- Collated as the index of the movements is: else each item would walk over everybody's.
      select after from stock_movements m where m.sku = asked.sku collate "default" order by id desc limit 1) as told on true
    cross join lateral (values
      ('item', case when i.sku is not null then 'there' end, 'there'),
      ('total_quantity', i.total_quantity::text, lots.total::text),
      ('expired_quantity', i.expired_quantity::text, lots.expired::text),
      -- An item without a movement may have come with any stock.
      ('last movement', told.after::text, case when told.after is not null then lots.total::text end),
      ('low_stock_announced', i.low_stock_announced::text, (lots.total - lots.expired <= i.threshold)::text),
      ('expired lots', case when lots.is_early then 'some before their time' end, null),
      ('next expiry', iso_time(d.due_at), iso_time(lots.next_expiry))) as difference (what, "is", should)
    where difference."is" is distinct from difference.should
    order by 1, 2
  $$;

-- How the lots of an item differ from what its movements lead to.
create function lots_unaccounted(item_sku text) returns jsonb
  language sql stable set search_path = public, pg_temp
  as $$
    with told as (
      select distinct on (lot ->> 'lotNumber') lot ->> 'lotNumber' as lot_number, lot ->> 'expiryDate' as expiry,
        (lot ->> 'after')::integer as quantity
      from stock_movements m, jsonb_array_elements(m.lots) as lot
      where m.sku = item_sku order by lot ->> 'lotNumber', m.id desc),
    found as (
      select lot_number, to_char(expiry_date, 'YYYY-MM-DD') as expiry, quantity
      from inventory_lots where sku = item_sku)
    select coalesce(jsonb_agg(jsonb_build_object(
        'lotNumber', lot_number, 'expiryDate', coalesce(found.expiry, told.expiry),
        'delta', coalesce(found.quantity, 0) - coalesce(told.quantity, 0),
        'before', coalesce(told.quantity, 0), 'after', coalesce(found.quantity, 0))
      order by coalesce(found.expiry, told.expiry), lot_number), '[]')
    from told full join found using (lot_number)
    where coalesce(found.quantity, 0) <> coalesce(told.quantity, 0)
  $$;

-- Mends what check_stock finds and returns it: the lots are right, what is said of them follows. Each item gets an entry of
-- the log; where the history has lost its way, a movement as well.
create function mend_stock() returns table (sku text, what text, "is" text, should text)
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  #variable_conflict use_column
  declare
    item_sku text;
    whats text[];
    found record;
    told integer;
  begin
    perform set_config('uzima.actor', 'doctor', true), set_config('uzima.reason', 'compared with its lots', true);
    for item_sku in select distinct c.sku from check_stock() c order by 1 loop
      perform from inventory_lots l where l.sku = item_sku order by expiry_date, lot_number for update;
      perform from inventory_items i where i.sku = item_sku for no key update;
      -- Again, now that nobody can change it.
      whats := array(select c.what from check_stock(array[item_sku]) c);
      return query select * from check_stock(array[item_sku]);
      if 'item' = any (whats) then
        insert into inventory_items (sku, name) values (item_sku, item_sku);
      end if;
      select coalesce(sum(quantity), 0) as total, coalesce(sum(quantity) filter (where expired), 0) as expired
        into found from inventory_lots l where l.sku = item_sku;
      if whats && array['item', 'total_quantity', 'expired_quantity', 'last movement', 'low_stock_announced'] then
        update inventory_items i
          set total_quantity = found.total, expired_quantity = found.expired, stock_version = stock_version + 1
          where i.sku = item_sku;
        select after into told from stock_movements m where m.sku = item_sku order by id desc limit 1;
        perform log_touch('item', item_sku, case
          when told <> found.total then jsonb_build_object(
            'op', 'adjusted', 'delta', found.total - told, 'before', told, 'after', found.total,
            'lots', lots_unaccounted(item_sku), 'actor', log_actor(), 'reason', current_setting('uzima.reason'))
          else jsonb_build_object('op', 'updated') end);
      end if;
      update inventory_lots l set expired = false
        where l.sku = item_sku and expired and end_of_day(expiry_date, time_zone()) > log_now();
      perform schedule_expiry(item_sku);
    end loop;
  end $$;
-- It writes as the doctor, whoever calls it. A service that connects as another role than the owner needs a grant.
revoke execute on function mend_stock from public;
