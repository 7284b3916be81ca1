-- Says on the channel `users_changed` whose rights have changed, at COMMIT, whichever program changed them. Run it once, on
-- the back end's own database; again is fine. Put your own names for `clinic.users`, `id`, `active` and `job`.
begin;

create or replace function clinic.tell_user_changed() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
  begin
    perform pg_notify('users_changed', old.id::text);
    return null;
  end $$;

create or replace function clinic.tell_all_changed() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
  begin
    perform pg_notify('users_changed', '');
    return null;
  end $$;

create or replace trigger tell_user_changed after update on clinic.users
  for each row when (
    (old.id, old.username, old.job, old.active, old.password_hash)
      is distinct from (new.id, new.username, new.job, new.active, new.password_hash))
  execute function clinic.tell_user_changed();
create or replace trigger tell_user_deleted after delete on clinic.users
  for each row execute function clinic.tell_user_changed();
create or replace trigger tell_all_changed after truncate on clinic.users
  execute function clinic.tell_all_changed();

commit;
