-- A time that no calendar of our callers has (infinity, a year of five digits, one before Christ) could be written by SQL to
-- users and items, and then neither an answer nor an entry of the log could tell it. Lots have refused it from the first.
create function is_tellable(t timestamptz) returns boolean
  language sql immutable parallel safe
    return t >= '0001-01-01 00:00Z' and t < '10000-01-01 00:00Z';

-- The nearest that can be told.
create function tellable(t timestamptz) returns timestamptz
  language sql immutable strict parallel safe
    return least(greatest(t, '0001-01-01 00:00Z'), '9999-12-31 23:59:59.999Z');

update users
  set created_at = tellable(created_at), updated_at = tellable(updated_at), tokens_not_before = tellable(tokens_not_before)
  where not (is_tellable(created_at) and is_tellable(updated_at) and coalesce(is_tellable(tokens_not_before), true));
update inventory_items
  set created_at = tellable(created_at), updated_at = tellable(updated_at), archived_at = tellable(archived_at)
  where not (is_tellable(created_at) and is_tellable(updated_at) and coalesce(is_tellable(archived_at), true));
-- A table with deferred triggers still to run cannot be altered.
set constraints all immediate;
drop function tellable;

alter table users add constraint users_times
  check (is_tellable(created_at) and is_tellable(updated_at) and is_tellable(tokens_not_before));
alter table inventory_items add constraint inventory_items_times
  check (is_tellable(created_at) and is_tellable(updated_at) and is_tellable(archived_at));
