INSERT INTO job (queue, payload, run_at)
SELECT (ARRAY['mail', 'thumbnail', 'invoice', 'webhook'])[1 + i % 4], jsonb_build_object('id', gen_random_uuid(), 'args', sample.prose(8)), now()
FROM generate_series(1, 10) i;
UPDATE job SET finished_at = now(), attempts = attempts + 1
WHERE id IN (SELECT id FROM job WHERE finished_at IS NULL ORDER BY run_at LIMIT 8 FOR UPDATE SKIP LOCKED);
