INSERT INTO fact_sale
SELECT date '2026-11-01' + floor(random() * 20)::int, 1 + floor(random() * 9000)::int, 1 + floor(random() * 300)::int, 1,
       round((random() * 900)::numeric, 2), round((random() * 500)::numeric, 2)
FROM generate_series(1, 20);
