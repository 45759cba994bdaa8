-- OLAP: a star schema, its fact table partitioned by month.
CREATE TABLE dim_date (day date PRIMARY KEY, year int NOT NULL, quarter int NOT NULL, month int NOT NULL, weekday text NOT NULL);
CREATE TABLE dim_product (id int PRIMARY KEY, sku text NOT NULL, name text NOT NULL, category text NOT NULL, margin numeric(5, 2) NOT NULL);
CREATE TABLE dim_store (id int PRIMARY KEY, city text NOT NULL, country text NOT NULL);
CREATE TABLE fact_sale (
    day date NOT NULL,
    product_id int NOT NULL,
    store_id int NOT NULL,
    quantity int NOT NULL,
    revenue numeric(12, 2) NOT NULL,
    cost numeric(12, 2) NOT NULL
) PARTITION BY RANGE (day);
INSERT INTO dim_date
SELECT d, extract(year FROM d), extract(quarter FROM d), extract(month FROM d), to_char(d, 'Day')
FROM generate_series(date '2025-01-01', date '2026-12-31', interval '1 day') d;
INSERT INTO dim_product
SELECT i, 'SKU-' || i, initcap(sample.prose(3)), (ARRAY['garden', 'kitchen', 'office', 'toys', 'sports'])[1 + i % 5], round((random() * 60)::numeric, 2)
FROM generate_series(1, 9000) i;
INSERT INTO dim_store SELECT i, initcap(sample.prose(1)), (ARRAY['DE', 'FR', 'NL', 'PL', 'ES'])[1 + i % 5] FROM generate_series(1, 300) i;
DO $$
BEGIN
    FOR m IN 0..23 LOOP
        EXECUTE format('CREATE TABLE fact_sale_%s PARTITION OF fact_sale FOR VALUES FROM (%L) TO (%L)',
            to_char(date '2025-01-01' + make_interval(months => m), 'YYYY_MM'),
            date '2025-01-01' + make_interval(months => m), date '2025-01-01' + make_interval(months => m + 1));
    END LOOP;
END $$;
INSERT INTO fact_sale
SELECT date '2025-01-01' + (i % 690), 1 + floor(power(random(), 2) * 9000)::int, 1 + floor(random() * 300)::int, 1 + floor(random() * 9)::int,
       round((random() * 900)::numeric, 2), round((random() * 500)::numeric, 2)
FROM generate_series(1, sample.rows(1300000)) i;
CREATE INDEX ON fact_sale (product_id);
ALTER TABLE fact_sale
    ADD FOREIGN KEY (day) REFERENCES dim_date,
    ADD FOREIGN KEY (product_id) REFERENCES dim_product,
    ADD FOREIGN KEY (store_id) REFERENCES dim_store;
