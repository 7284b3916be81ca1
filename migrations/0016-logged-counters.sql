-- From PostgreSQL 15 on, the counter of an unlogged table is unlogged as well. One that was made while a standby followed is
-- unreadable there: after a fail-over every write ended with "bad magic number in sequence". What it counts may be lost
-- with its table, the counter itself has to survive.
do $$
  declare
    counter regclass;
  begin
    for counter in
      select oid from pg_class where relkind = 'S' and relpersistence = 'u' and relnamespace = 'public'::regnamespace
    loop
      execute format('alter sequence %s set logged', counter);
    end loop;
  end $$;
