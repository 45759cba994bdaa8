-- About 16 MB more of everything.
INSERT INTO orders (reference, customer_id, status, placed_at, total_cents, note)
SELECT md5(random()::text)::uuid, 1 + floor(random() * 40000)::int, (ARRAY['placed', 'paid', 'shipped', 'returned'])[1 + floor(random() * 4)::int],
       timestamptz '2026-01-01' + random() * interval '300 days', floor(random() * 40000)::int,
       CASE WHEN i % 3 = 0 THEN substr(p, 1, 30 + i % 50) END
FROM generate_series(1, 16000) i JOIN paragraph ON n = 1 + (i * 7919) % 4000;
INSERT INTO order_line
SELECT o, l, 'SKU-' || floor(random() * 9000)::int, 1 + floor(random() * 5)::int, 100 + floor(random() * 20000)::int
FROM (SELECT max(id) AS top FROM orders) last, LATERAL generate_series(top - 15999, top) o, generate_series(1, 2) l;
UPDATE orders SET status = 'shipped' WHERE id IN (SELECT id FROM orders ORDER BY id DESC LIMIT 1600);
INSERT INTO job (queue, payload, run_at, finished_at)
SELECT (ARRAY['mail', 'thumbnail', 'invoice', 'webhook'])[1 + i % 4],
       jsonb_build_object('id', md5(random()::text)::uuid, 'kind', i % 7, 'args', jsonb_build_array(random(), substr(p, 1, 80))),
       timestamptz '2026-10-01' + random() * interval '30 days', timestamptz '2026-11-01' + random() * interval '3 days'
FROM generate_series(1, 9000) i JOIN paragraph ON n = 1 + (i * 104729::bigint) % 4000;
INSERT INTO fact_sale
SELECT date '2025-01-01' + (i % 690), 1 + floor(power(random(), 2) * 9000)::int, 1 + floor(random() * 300)::int, 1 + floor(random() * 9)::int,
       round((random() * 900)::numeric, 2), round((random() * 500)::numeric, 2)
FROM generate_series(1, 40000) i;
INSERT INTO message (mailbox_id, message_id, received_at, subject, headers, body)
SELECT 1 + i % 200, '<' || md5(random()::text) || '@mx.example.net>', timestamptz '2026-01-01' + random() * interval '300 days', substr(min(p), 1, 40),
       jsonb_build_object('from', 'u' || floor(random() * 9000)::int || '@example.org', 'dkim', md5(random()::text), 'spam', random()),
       string_agg(p, E'\r\n\r\n')
FROM (SELECT i, 1 + floor(random() * 4000)::int AS wanted
      FROM generate_series(1, 2500) i, LATERAL generate_series(1, CASE WHEN i % 20 = 0 THEN 12 ELSE 1 + i % 4 END)) x
JOIN paragraph ON n = wanted
GROUP BY i;
INSERT INTO attachment
SELECT 'scan' || i || '.jpg', decode((SELECT string_agg(md5(random()::text || j || i), '') FROM generate_series(1, 1500) j), 'hex')
FROM generate_series(1, 20) i;
