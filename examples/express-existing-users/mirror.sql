-- Keeps the users of the service (`public.users`) like those of the back end (`clinic.users`), in the same transaction. For
-- a service whose DATABASE_URL is the back end's database. Run it once, after `uzima migrate`; again is fine.
begin;

-- The six roles of the service, from the jobs of this back end.
create or replace function clinic.role_of(job text) returns text
  language sql immutable
    return case job when 'nurse' then 'pharmacist' when 'store keeper' then 'inventory_manager'
      when 'physician' then 'doctor' else 'educator' end;

create or replace function clinic.mirror(theirs clinic.users) returns void
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    insert into public.users (id, username, email, role, is_active)
    values (theirs.id, theirs.username, theirs.email, clinic.role_of(theirs.job), theirs.active)
    on conflict (id) do update
      set username = excluded.username, email = excluded.email, role = excluded.role, is_active = excluded.is_active
  $$;

create or replace function clinic.mirror_user() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
  begin
    if tg_op = 'DELETE' or (tg_op = 'UPDATE' and new.id is distinct from old.id) then
      delete from public.users where id = old.id;
    end if;
    if tg_op <> 'DELETE' then
      perform clinic.mirror(new);
    end if;
    -- A new password ends what was begun with the old one.
    if tg_op = 'UPDATE' and new.password_hash is distinct from old.password_hash then
      update public.users set tokens_not_before = clock_timestamp() where id = new.id;
    end if;
    return null;
  end $$;

create or replace trigger mirror_user after insert or update or delete on clinic.users
  for each row execute function clinic.mirror_user();
-- It would go unseen.
create or replace trigger mirror_truncate before truncate on clinic.users
  execute function public.refuse_truncate();

-- Those who are there already; nobody changes them meanwhile, the triggers hold the table.
select clinic.mirror(theirs) from clinic.users as theirs;

commit;
