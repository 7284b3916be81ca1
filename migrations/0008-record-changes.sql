-- Who changed what about an item or a user, whichever program did it: movements tell of stock only, and the log is
-- trimmed. Only the fields that changed are kept, and never a password's hash.

create table record_changes (
  id bigint generated always as identity primary key,
  -- inventory_items or users
  record text not null,
  -- The sku, or the user's id.
  key text not null,
  type text not null check (type in ('created', 'updated', 'deleted')),
  before jsonb not null,
  after jsonb not null,
  actor text not null,
  reason text,
  at timestamptz not null default clock_timestamp()
);
create index record_changes_key on record_changes (record, key, id desc);

-- The fields of `one` that differ in `other`, without those that the database keeps by itself.
create function changed_fields(one jsonb, other jsonb) returns jsonb
  language sql immutable
  as $$
    select coalesce(jsonb_object_agg(name, case name when 'password_hash' then '"redacted"' else value end), '{}')
    from jsonb_each(one) as field (name, value)
    where other -> name is distinct from value
      and name not in ('updated_at', 'version', 'stock_version', 'total_quantity', 'low_stock_announced',
        'auth_version')
  $$;

create function note_record_change() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
  declare
    was jsonb := case when tg_op = 'INSERT' then '{}' else to_jsonb(old) end;
    is_now jsonb := case when tg_op = 'DELETE' then '{}' else to_jsonb(new) end;
    before_fields jsonb := changed_fields(was, is_now);
    after_fields jsonb := changed_fields(is_now, was);
  begin
    if before_fields <> after_fields then
      insert into record_changes (record, key, type, before, after, actor, reason)
      values (tg_table_name, coalesce(is_now ->> tg_argv[0], was ->> tg_argv[0]),
        case tg_op when 'INSERT' then 'created' when 'DELETE' then 'deleted' else 'updated' end,
        before_fields, after_fields, log_actor(), nullif(current_setting('uzima.reason', true), ''));
    end if;
    return null;
  end $$;
create trigger note_change after insert or update or delete on inventory_items
  for each row execute function note_record_change('sku');
create trigger note_change after insert or update or delete on users
  for each row execute function note_record_change('id');

create trigger record_changes_is_history before update or delete on record_changes
  for each row execute function refuse_rewrite();
create trigger record_changes_truncate before truncate on record_changes execute function refuse_truncate();
