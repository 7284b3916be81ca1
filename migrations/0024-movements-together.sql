-- Several requests that move stock, carried out in one transaction: one commit, one number of the head, one wait for the disk.

-- What the service does about one request where nothing is in its way, and the answer to it. Null, and nothing done, where
-- anything is: then the service does it alone, with all the rules and refusals. The request is the object
-- { userId, actor, action, sku, body, key, hash } that the service makes; key and hash may be missing.
create function move_one(request jsonb) returns jsonb
  language plpgsql
  as $$
  declare
    item_sku constant text := request ->> 'sku';
    body constant jsonb := request -> 'body';
    units constant integer := (body ->> 'quantity')::integer;
    lot constant text := body ->> 'lotNumber';
    is_active boolean;
    held integer;
    usable bigint;
    first_day date;
    taken jsonb;
    answer jsonb;
  begin
    if request ? 'key' and exists (
      select from stock_movements
      where user_id = request ->> 'userId' and request_key = request ->> 'key')
    then
      return null;
    end if;
    perform set_config('uzima.actor', request ->> 'actor', true),
      set_config('uzima.action', request ->> 'action', true),
      set_config('uzima.reason', coalesce(body ->> 'reason', ''), true),
      set_config('uzima.user_id', request ->> 'userId', true),
      set_config('uzima.request_key', coalesce(request ->> 'key', ''), true),
      set_config('uzima.request_hash', coalesce(request ->> 'hash', ''), true);

    case request ->> 'action'
      when 'consumed' then
        -- Lots before the item, as a plain UPDATE of lots locks them, and read again once the item is held.
        perform from inventory_lots where sku = item_sku and quantity > 0 order by expiry_date, lot_number for update;
        perform from inventory_items where sku = item_sku for no key update;
        select min(expiry_date) filter (where not expired), sum(quantity) filter (where not expired),
            jsonb_agg(jsonb_build_object('lotNumber', lot_number, 'expiryDate', to_char(expiry_date, 'YYYY-MM-DD'),
              'quantity', least(quantity, units - earlier)) order by expiry_date, lot_number)
              filter (where not expired and earlier < units)
          into first_day, usable, taken
          from (
            select *, coalesce(sum(quantity) filter (where not expired) over (
              order by expiry_date, lot_number rows between unbounded preceding and 1 preceding), 0) as earlier
            from inventory_lots where sku = item_sku and quantity > 0) as lots;
        if coalesce(usable, 0) < units or end_of_day(first_day, time_zone()) <= log_now() then
          raise exception 'alone';
        end if;
        update inventory_lots as l set quantity = l.quantity - t.quantity
          from jsonb_to_recordset(taken) as t ("lotNumber" text, quantity integer)
          where l.sku = item_sku and l.lot_number = t."lotNumber";
      when 'lot_added' then
        insert into inventory_lots as l (sku, lot_number, quantity, expiry_date)
          values (item_sku, lot, units, (body ->> 'expiryDate')::date)
          on conflict (sku, lot_number) do update set quantity = l.quantity + excluded.quantity
            where l.expiry_date = excluded.expiry_date;
      when 'adjusted' then
        select quantity into held from inventory_lots where sku = item_sku and lot_number = lot for update;
        -- A count that finds what is there leaves its key elsewhere.
        update inventory_lots set quantity = units
          where sku = item_sku and lot_number = lot and held <> units
            and held = coalesce((body ->> 'expected')::integer, held);
      when 'disposed' then
        update inventory_lots set quantity = quantity - units
          where sku = item_sku and lot_number = lot and quantity >= units;
    end case;
    if not found then
      raise exception 'alone';
    end if;
    -- Looked at afterwards: the change has locked the item, so it cannot be archived meanwhile.
    select item, archived_at is null into answer, is_active from inventory_item_view where sku = item_sku;
    if is_active is distinct from true then
      raise exception 'alone';
    end if;
    if taken is not null then
      answer := jsonb_build_object('item', answer, 'lotsConsumed', taken);
    end if;
    if request ? 'key' then
      insert into idempotency_keys (user_id, key, request_hash, answer)
        values (request ->> 'userId', request ->> 'key', decode(request ->> 'hash', 'hex'),
          json_build_object('value', answer))
        on conflict do nothing;
      if not found then
        raise exception 'alone';
      end if;
    end if;
    return answer;
  exception
    -- What it was, the service finds out.
    when others then return null;
  end $$;

-- Carries out `requests`, an array of what move_one takes, each of another item and in the order of the items; gives their
-- answers in that order. It waits for nobody for long: one transaction that is left open must not hold up everybody.
create function move_together(requests jsonb) returns jsonb
  language plpgsql
  set lock_timeout = '20ms' set plan_cache_mode = force_generic_plan set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off
  as $$
  declare
    request jsonb;
    answers jsonb[] := '{}';
  begin
    for request in select * from jsonb_array_elements(requests) loop
      answers := array_append(answers, coalesce(move_one(request), 'null'));
    end loop;
    return to_jsonb(answers);
  end $$;
