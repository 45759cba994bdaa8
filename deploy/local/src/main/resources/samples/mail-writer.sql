INSERT INTO message (mailbox_id, message_id, received_at, subject, headers, body)
SELECT 1 + floor(random() * 200)::int, '<' || gen_random_uuid() || '@mx.example.net>', now(), sample.prose(6),
       jsonb_build_object('from', 'u' || floor(random() * 9000)::int || '@example.org', 'dkim', md5(random()::text)),
       sample.prose(80)
FROM generate_series(1, 3);
