package io.cairn.local;

import io.cairn.model.ClusterName;
import io.cairn.model.Tier;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The four clusters that stand for a tier each, with data that looks like the tier's. */
enum SampleCluster {
    SHOP(Tier.OLTP, "orders and their lines", 15431),
    MAIL(Tier.CONTENT, "e-mail bodies and attachments", 15432),
    JOBS(Tier.QUEUE, "a job queue", 15433),
    WAREHOUSE(Tier.OLAP, "a star schema", 15434);

    private final Tier tier;
    private final String content;
    private final int preferredPort;

    SampleCluster(Tier tier, String content, int preferredPort) {
        this.tier = tier;
        this.content = content;
        this.preferredPort = preferredPort;
    }

    Tier tier() {
        return tier;
    }

    String content() {
        return content;
    }

    int preferredPort() {
        return preferredPort;
    }

    /** Name of the cluster and of its database. */
    String id() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    ClusterName clusterName() {
        return new ClusterName(id());
    }

    /** Makes schema and data of about this size. */
    String dataSql(int megabytes) {
        String words = resource("words.sql");
        return words.replace("${megabytes}", Integer.toString(megabytes)) + resource(id() + ".sql");
    }

    /** One small change, made several times a second. */
    String writerSql() {
        return resource(id() + "-writer.sql");
    }

    private static String resource(String name) {
        try (InputStream in = SampleCluster.class.getResourceAsStream("/samples/" + name)) {
            if (in == null) {
                throw new IllegalStateException("missing resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
