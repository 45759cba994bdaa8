-- Queue: jobs that are added, taken and finished all the time.
CREATE TABLE job (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    payload jsonb NOT NULL,
    run_at timestamptz NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    finished_at timestamptz
);
INSERT INTO job (queue, payload, run_at, attempts, finished_at)
SELECT (ARRAY['mail', 'thumbnail', 'invoice', 'webhook'])[1 + i % 4],
       jsonb_build_object('id', gen_random_uuid(), 'kind', sample.prose(2), 'args', jsonb_build_array(random(), md5(i::text), sample.prose(8))),
       now() - random() * interval '30 days', 1 + i % 3, now() - random() * interval '29 days'
FROM generate_series(1, sample.rows(260000)) i;
CREATE INDEX job_due ON job (queue, run_at) WHERE finished_at IS NULL;
CREATE INDEX ON job USING gin (payload jsonb_path_ops) WHERE attempts > 2;
