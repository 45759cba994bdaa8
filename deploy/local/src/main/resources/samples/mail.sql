-- Content: e-mail with bodies and a few attachments that do not compress.
CREATE TABLE mailbox (id int PRIMARY KEY, address text NOT NULL UNIQUE);
CREATE TABLE message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mailbox_id int NOT NULL REFERENCES mailbox,
    message_id text NOT NULL,
    received_at timestamptz NOT NULL,
    subject text NOT NULL,
    headers jsonb NOT NULL,
    body text NOT NULL
);
CREATE TABLE attachment (message_id bigint NOT NULL REFERENCES message, name text NOT NULL, content bytea NOT NULL);
ALTER TABLE attachment ALTER content SET STORAGE EXTERNAL;

INSERT INTO mailbox SELECT i, 'box' || i || '@example.net' FROM generate_series(1, 200) i;
-- A few hundred paragraphs, put together anew for every body.
CREATE TABLE sample.paragraph AS SELECT i AS n, sample.prose(60) || '.' AS p FROM generate_series(1, 600) i;
ALTER TABLE sample.paragraph ADD PRIMARY KEY (n);
INSERT INTO message (mailbox_id, message_id, received_at, subject, headers, body)
SELECT 1 + i % 200, '<' || gen_random_uuid() || '@mx.example.net>', now() - random() * interval '300 days', sample.prose(6),
       jsonb_build_object('from', 'u' || floor(random() * 9000)::int || '@example.org', 'dkim', md5(random()::text), 'spam', random()),
       (SELECT string_agg(md5(random()::text) || E'\r\n' || p, E'\r\n\r\n')
        FROM sample.paragraph WHERE n IN (1 + (i::bigint * 7919) % 600, 1 + (i::bigint * 104729) % 600, 1 + (i::bigint * 1299709) % 600))
FROM generate_series(1, sample.rows(60000)) i;
INSERT INTO attachment
SELECT i * 37, 'scan' || i || '.jpg', decode((SELECT string_agg(md5(random()::text || j || i), '') FROM generate_series(1, 1200) j), 'hex')
FROM generate_series(1, sample.rows(700)) i;
CREATE INDEX ON message (mailbox_id, received_at);
