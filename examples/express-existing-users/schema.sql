-- What this back end had before real time: a table of users in a schema of its own.
create schema if not exists clinic;
create table if not exists clinic.users (
  id uuid primary key default gen_random_uuid(),
  username text not null unique,
  email text not null unique,
  job text not null,
  active boolean not null default true,
  password_hash text not null
);
