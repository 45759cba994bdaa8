-- What a business keeps: orders, jobs, facts, e-mail and its attachments. Pages as a server leaves them after a while.
SELECT setseed(0.42);
CREATE FUNCTION prose(count int) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    word CONSTANT text[] := string_to_array(
        'the of and to in for is on that with as are be at this have from or by not one had but what all were when we there can an your which '
        'their said if will each about how up out them then she many some so these would other into has more two like him see time could no '
        'make than first been its who now people my made over did down only way find use may water long little very after words called just '
        'where most know get through back much before go good new write our used me man too any day same right look think also around another '
        'came come work three word must because does part even place well such here take why things help put years different away again off '
        'went old number great tell men say small every found still between name should home big give air line set own under read last never '
        'us left end along while might next sound below saw something thought both few those always looked show large often together asked '
        'invoice shipment refund warehouse customer carrier pallet order delivery account payment address balance discount voucher contract '
        'database backup restore replica primary standby checkpoint segment archive recovery consistent durable latency throughput failover', ' ');
    result text := '';
BEGIN
    -- The third power makes the words in front common.
    FOR i IN 1..count LOOP
        result := result || ' ' || word[1 + floor(power(random(), 3) * array_length(word, 1))::int];
    END LOOP;
    RETURN substr(result, 2);
END $$;
CREATE TABLE paragraph AS SELECT i AS n, prose(30 + i % 60) || '.' AS p FROM generate_series(1, 4000) i;
ALTER TABLE paragraph ADD PRIMARY KEY (n);

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference uuid NOT NULL UNIQUE,
    customer_id bigint NOT NULL,
    status text NOT NULL,
    placed_at timestamptz NOT NULL,
    total_cents bigint NOT NULL,
    note text
);
CREATE INDEX ON orders (customer_id);
CREATE TABLE order_line (
    order_id bigint NOT NULL,
    line_no int NOT NULL,
    sku text NOT NULL,
    quantity int NOT NULL,
    price_cents bigint NOT NULL,
    PRIMARY KEY (order_id, line_no)
);
CREATE TABLE job (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    payload jsonb NOT NULL,
    run_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE TABLE fact_sale (
    day date NOT NULL,
    product_id int NOT NULL,
    store_id int NOT NULL,
    quantity int NOT NULL,
    revenue numeric(12, 2) NOT NULL,
    cost numeric(12, 2) NOT NULL
);
CREATE INDEX ON fact_sale (product_id);
CREATE TABLE message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mailbox_id int NOT NULL,
    message_id text NOT NULL,
    received_at timestamptz NOT NULL,
    subject text NOT NULL,
    headers jsonb NOT NULL,
    body text NOT NULL
);
CREATE INDEX ON message (mailbox_id, received_at);
CREATE TABLE attachment (name text NOT NULL, content bytea NOT NULL);
ALTER TABLE attachment ALTER content SET STORAGE EXTERNAL;
