-- A copy's lock, absent until every object of it was locked and read back.

alter table copy add column lock_mode text;
alter table copy add column locked_until timestamptz;
