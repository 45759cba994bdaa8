-- What the sample data is written with: words drawn with a skewed frequency, as in prose.
CREATE SCHEMA sample;
-- The counts below are for 100 MB; ${megabytes} is what was asked for.
CREATE FUNCTION sample.rows(full_size int) RETURNS int LANGUAGE sql IMMUTABLE
    RETURN greatest(1, full_size::bigint * ${megabytes} / 100)::int;
CREATE FUNCTION sample.prose(count int) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
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
    text text := '';
BEGIN
    -- The third power makes the words in front common.
    FOR i IN 1..count LOOP
        text := text || ' ' || word[1 + floor(power(random(), 3) * array_length(word, 1))::int];
    END LOOP;
    RETURN substr(text, 2);
END $$;
