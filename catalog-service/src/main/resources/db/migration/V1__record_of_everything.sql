-- Every row but the last three tables' is a join of facts (io.cairn.catalog.fact): it may be reached in any order and
-- written any number of times. Ids are built from names: <cluster>:<label>[:<attempt>[:<store>]].

create table cluster (
    id      text primary key,
    tier    text        not null,
    told_at timestamptz not null
);

create table run (
    id                     text primary key,
    cluster                text not null,
    label                  text not null,
    kind                   text not null,
    tier                   text,
    state                  text not null, -- derived from the columns below
    requested_at           timestamptz,
    requested_by           text,
    request_allows_millis  bigint,        -- how long after the request it may still start
    due_at                 timestamptz,
    start_deadline         timestamptz,
    cause                  text,
    started_at             timestamptz,
    started_attempt        text,
    failed_at              timestamptz,
    failed_code            text,
    failed_message         text,
    failed_hint            text,
    failed_retried         boolean,
    completed_at           timestamptz,
    completed_attempt      text,
    skipped_at             timestamptz,
    skipped_reason         text,
    superseded_at          timestamptz,
    superseded_by          text
);

create index run_newest on run (label desc, cluster);
create index run_of_cluster on run (cluster, label desc);
create index run_active on run (tier, state) where state in ('queued', 'running');

create table attempt (
    id             text primary key,
    run            text not null,
    attempt        text not null,
    started_at     timestamptz,
    executor       text,
    store          text,
    progressed_at  timestamptz,
    bytes_done     bigint,
    bytes_total    bigint,
    bytes_stored   bigint,
    failed_at      timestamptz,
    failed_code    text,
    failed_message text,
    failed_hint    text,
    failed_retried boolean,
    completed_at   timestamptz
);

create index attempt_of_run on attempt (run);

create table backup (
    id                text primary key,
    cluster           text        not null,
    label             text        not null,
    attempt           text        not null,
    tier              text        not null,
    system_identifier text        not null,
    commit_key        text        not null,
    commit_length     bigint      not null,
    commit_sha256     text        not null,
    timeline          int         not null,
    start_lsn         text        not null,
    stop_lsn          text        not null,
    started_at        timestamptz not null,
    completed_at      timestamptz not null,
    server_version    int         not null,
    gzip_level        int         not null,
    codec             text        not null,
    files             bigint      not null,
    bytes_in          bigint      not null,
    bytes_stored      bigint      not null,
    damaged           boolean     not null,
    parent            text,
    key_id            text
);

create index backup_newest on backup (label desc, cluster);
create index backup_of_cluster on backup (cluster, completed_at desc);

create table copy (
    id                    text primary key,
    backup                text    not null, -- its row may come later
    cluster               text    not null,
    label                 text    not null,
    attempt               text    not null,
    store                 text    not null,
    complete              boolean not null, -- derived, as the next two
    verified              boolean not null,
    invalid               boolean not null,
    committed_at          timestamptz,
    replicated_at         timestamptz,
    replicated_from       text,
    lag_millis            bigint,
    bytes_copied          bigint,
    validated_at          timestamptz,
    objects_read          bigint,
    bytes_read            bigint,
    files_compared        bigint,
    invalid_at            timestamptz,
    invalid_code          text,
    invalid_message       text,
    invalid_hint          text,
    invalid_object        text,
    drilled_at            timestamptz,
    rto_millis            bigint,
    rto_objective_millis  bigint,
    tables_read           bigint,
    rows_read             bigint,
    amcheck               boolean,
    drill_failed_at       timestamptz,
    drill_failed_code     text,
    drill_failed_message  text,
    drill_failed_hint     text,
    drill_failed_object   text,
    drill_skipped_at      timestamptz,
    drill_skipped_reason  text
);

create index copy_of_backup on copy (backup);
create index copy_drilled on copy (cluster, drilled_at desc) where drilled_at is not null;

-- What was found out about copies, each also an object under records/ in the active store.
create table backup_record (
    id      text primary key, -- the event's id
    backup  text        not null,
    what    text        not null,
    cluster text        not null,
    label   text        not null,
    attempt text        not null,
    store   text        not null,
    at      timestamptz not null,
    type    text        not null,
    data    text        not null, -- the event's JSON, byte for byte
    stored  boolean     not null default false -- whether the object is written
);

create index backup_record_of_backup on backup_record (backup, at);
create index backup_record_to_store on backup_record (at) where not stored;

create table store_lag (
    id               text primary key,
    cluster          text        not null,
    source           text        not null,
    target           text        not null,
    lag_millis       bigint      not null,
    threshold_millis bigint      not null,
    at               timestamptz not null
);

create table assessment (
    id            text primary key,
    cluster       text        not null,
    tier          text        not null,
    objective     text        not null,
    met           boolean     not null,
    target_millis bigint      not null,
    actual_millis bigint,
    message       text,
    checked_at    timestamptz not null
);

-- Requests through the API by their idempotency key: the same key leads to the same run.
create table request (
    id              text primary key, -- <cluster>:<idempotency key>
    idempotency_key text        not null,
    cluster        text        not null,
    kind           text        not null,
    requested_at   timestamptz not null,
    requested_by   text        not null,
    allows_millis  bigint      not null
);

-- How far each partition is projected, written with the facts: a database that was lost or set back reads what it lacks.
create table projected (
    topic       text   not null,
    partition   int    not null,
    next_offset bigint not null,
    primary key (topic, partition)
);
