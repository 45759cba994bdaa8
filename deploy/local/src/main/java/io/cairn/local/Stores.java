package io.cairn.local;

import io.cairn.testing.S3Server;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Two S3 servers that stand for two regions, and the three buckets on them. */
record Stores(S3Server primary, S3Server secondary) {

    /** What the configuration calls them, as the policies do. */
    static final List<String> NAMES = List.of("primary", "secondary", "archive");

    private static final String ACCESS_KEY_ID = "cairn";

    static S3Server server(
            String name, int preferredPort, Ports ports, StateFolder state, String... buckets)
            throws java.io.IOException {
        Files.createDirectories(state.data(name));
        S3Server server =
                S3Server.in(state.data(name))
                        .port(ports.of(name, preferredPort))
                        .log(state.log(name))
                        .credential(ACCESS_KEY_ID, Secrets.getOrCreate(state.secret("s3")).reveal())
                        .buckets(buckets)
                        .start();
        RunningParts.record(state, name, server.pid());
        return server;
    }

    /** The {@code stores} of the configuration file. */
    Map<String, Object> configuration(StateFolder state) {
        Map<String, Object> stores = new LinkedHashMap<>();
        stores.put("primary", store(primary, "cairn-primary", state));
        stores.put("secondary", store(secondary, "cairn-secondary", state));
        stores.put("archive", store(secondary, "cairn-archive", state));
        return stores;
    }

    static Map<String, Object> store(S3Server server, String bucket, StateFolder state) {
        Map<String, Object> store = new LinkedHashMap<>();
        store.put("bucket", bucket);
        store.put("region", S3Server.REGION);
        store.put("endpoint", server.endpoint().toString());
        store.put("pathStyle", true);
        store.put("accessKeyId", "file:" + Secrets.write(state.secret("s3-id"), ACCESS_KEY_ID));
        store.put("secretAccessKey", "file:" + state.secret("s3"));
        return store;
    }
}
