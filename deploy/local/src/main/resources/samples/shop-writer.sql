WITH placed AS (
    INSERT INTO orders (reference, customer_id, status, placed_at, total_cents, note)
    SELECT gen_random_uuid(), 1 + floor(random() * 40000)::int, 'placed', now(), floor(random() * 40000)::int, sample.prose(6)
    FROM generate_series(1, 5)
    RETURNING id)
INSERT INTO order_line SELECT id, 1, 'SKU-' || floor(random() * 9000)::int, 1, 100 FROM placed;
UPDATE orders SET status = 'shipped' WHERE id IN (SELECT id FROM orders WHERE status = 'paid' LIMIT 3);
