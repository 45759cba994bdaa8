package io.cairn.archive;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/** Bytes that look like a database's files, and compress like them. */
public final class SampleData {

    private static final int PAGE = 8192;
    private static final String[] WORDS = {
        "order", "shipped", "pending", "customer", "warehouse", "invoice", "Amsterdam", "Lisbon",
                "blue", "large",
        "returned", "delivery", "confirmed", "payment", "express", "standard", "fragile", "gift",
                "Rotterdam", "cancelled",
        "Porto", "green"
    };

    private SampleData() {}

    /**
     * Half of the pages as pgbench fills them, a third with orders as text and JSON, the rest
     * compressed values: about 4 to 1 by gzip -6.
     */
    public static byte[] cluster(RandomGenerator random, int bytes) {
        byte[] data = new byte[bytes];
        for (int at = 0; at < bytes; at += PAGE) {
            int segment = (at >> 20) % 12;
            int end = Math.min(at + PAGE, bytes);
            if (segment < 6) {
                accounts(random, data, at, end);
            } else if (segment < 10) {
                orders(random, data, at, end);
            } else {
                random(random, data, at + 24, end);
            }
        }
        return data;
    }

    /** pgbench_accounts: 61 tuples of four integers and 84 spaces. */
    private static void accounts(RandomGenerator random, byte[] data, int from, int end) {
        int aid = from / PAGE * 61;
        for (int at = end - 128; at >= from + 270; at -= 128) {
            integer(data, at, 731);
            integer(data, at + 12, from / PAGE);
            integer(data, at + 24, ++aid);
            integer(data, at + 28, 1 + aid / 100_000);
            integer(data, at + 32, random.nextInt(8) == 0 ? random.nextInt(10_000) - 5_000 : 0);
            for (int i = at + 36; i < at + 121; i++) {
                data[i] = ' ';
            }
        }
    }

    /** Tuples of numbers, words and JSON, with free space at the page's end. */
    private static void orders(RandomGenerator random, byte[] data, int from, int end) {
        int at = from + 24;
        int stop = end - random.nextInt(300);
        while (at + 200 < stop) {
            at = integer(data, at, 1000 + from / PAGE);
            at = integer(data, at, 0);
            at = integer(data, at, from / PAGE);
            at = integer(data, at, random.nextInt(100_000_000));
            byte[] text = text(random).getBytes(StandardCharsets.US_ASCII);
            int length = Math.min(text.length, stop - at);
            System.arraycopy(text, 0, data, at, length);
            at += length;
        }
    }

    private static String text(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        int words = 3 + random.nextInt(9);
        for (int i = 0; i < words; i++) {
            text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
        return text
                + "{\"sku\": \""
                + Long.toHexString(random.nextLong() >>> 24)
                + "\", \"qty\": "
                + random.nextInt(90)
                + "}";
    }

    private static int integer(byte[] data, int at, long value) {
        for (int i = 0; i < 4; i++) {
            data[at + i] = (byte) (value >>> 8 * i);
        }
        return at + 4;
    }

    public static byte[] random(RandomGenerator random, int bytes) {
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        return data;
    }

    private static void random(RandomGenerator random, byte[] data, int from, int end) {
        for (int at = from; at < end; at++) {
            data[at] = (byte) random.nextInt();
        }
    }
}
