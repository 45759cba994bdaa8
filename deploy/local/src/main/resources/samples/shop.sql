-- OLTP: customers, orders and their lines.
CREATE TABLE customer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    address jsonb NOT NULL,
    since timestamptz NOT NULL
);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference uuid NOT NULL UNIQUE,
    customer_id bigint NOT NULL REFERENCES customer,
    status text NOT NULL,
    placed_at timestamptz NOT NULL,
    total_cents bigint NOT NULL,
    note text
);
CREATE TABLE order_line (
    order_id bigint NOT NULL REFERENCES orders,
    line_no int NOT NULL,
    sku text NOT NULL,
    quantity int NOT NULL,
    price_cents bigint NOT NULL,
    PRIMARY KEY (order_id, line_no)
);
-- Carts may be lost in a crash: an unlogged table, which a backup holds empty.
CREATE UNLOGGED TABLE cart (session uuid PRIMARY KEY, content jsonb NOT NULL);

INSERT INTO customer (email, name, address, since)
SELECT 'c' || i || '@example.net', initcap(sample.prose(2)),
       jsonb_build_object('street', sample.prose(2) || ' ' || i % 190, 'zip', 10000 + i * 7 % 89999, 'city', initcap(sample.prose(1))),
       now() - random() * interval '900 days'
FROM generate_series(1, 40000) i;
INSERT INTO orders (reference, customer_id, status, placed_at, total_cents, note)
SELECT gen_random_uuid(), 1 + floor(random() * 40000)::int, (ARRAY['placed', 'paid', 'shipped', 'returned'])[1 + floor(random() * 4)::int],
       now() - random() * interval '400 days', floor(random() * 40000)::int, CASE WHEN i % 3 = 0 THEN sample.prose(8) END
FROM generate_series(1, sample.rows(210000)) i;
INSERT INTO order_line
SELECT o, l, 'SKU-' || floor(random() * 9000)::int, 1 + floor(random() * 5)::int, 100 + floor(random() * 20000)::int
FROM generate_series(1, sample.rows(210000)) o, generate_series(1, 2) l;
CREATE INDEX ON orders (customer_id);
CREATE INDEX ON orders (placed_at);
INSERT INTO cart SELECT gen_random_uuid(), '{"items": 1}' FROM generate_series(1, 100);
