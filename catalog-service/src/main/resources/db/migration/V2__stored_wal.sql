-- Joins of facts, as the rows of backups are. Ids: <cluster>:<system identifier>:<store>:<timeline>[…].

create table archived_wal (
    id                text primary key,
    cluster           text        not null,
    system_identifier text        not null,
    store             text        not null,
    timeline          int         not null,
    divergence        text,
    ranges            text        not null, -- JSON: [{"start": LSN, "end": LSN, "recoverableUntil": time}], by position
    archived_at       timestamptz not null
);

create table wal_gap (
    id                text primary key,
    cluster           text        not null,
    system_identifier text        not null,
    store             text        not null,
    timeline          int         not null,
    cause             text        not null,
    from_lsn          text        not null,
    until_lsn         text,
    divergence        text,
    reason            text        not null,
    detected_at       timestamptz not null
);

create table timeline_switch (
    id                text primary key,
    cluster           text        not null,
    system_identifier text        not null,
    store             text        not null,
    from_timeline     int         not null,
    to_timeline       int         not null,
    at_lsn            text        not null,
    switched_at       timestamptz not null
);

-- The first byte of WAL that recovery needs beside the backup itself; unknown of those that an older release told of.
alter table backup add column wal_from text;
