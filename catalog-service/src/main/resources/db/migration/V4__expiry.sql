-- Backups that are none any more. Whatever is told of one later does not bring it back.
create table expiry (
    id text primary key,
    system_identifier text not null,
    expired_at timestamptz not null
);
