package io.cairn.local;

import io.cairn.testing.JvmOptions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One of Cairn's services and how it runs on a small machine.
 *
 * @param module folder and artifact
 * @param preferredPort of its HTTP interface
 * @param jvm options; the quick compiler alone where little is computed
 */
enum Service {
    CATALOG("catalog-service", 18080, "-Xmx256m", "-XX:TieredStopAtLevel=1"),
    SCHEDULER("scheduler-service", 18081, "-Xmx128m", "-XX:TieredStopAtLevel=1"),
    VALIDATOR("validator-service", 18082, "-Xmx768m"),
    REPLICATION("replication-service", 18083, "-Xmx384m", "-XX:TieredStopAtLevel=1"),
    /** One executor of all four tiers: two volumes of 64 MiB for each of four runs at once. */
    EXECUTOR(
            "executor-service",
            18084,
            "-Xmx640m",
            "-Xmn48m",
            "-XX:MaxDirectMemorySize=32m",
            "-Dcairn.executor.pipeline.volume-memory=128M");

    private final String module;
    private final int preferredPort;
    private final List<String> jvm;

    Service(String module, int preferredPort, String... jvm) {
        this.module = module;
        this.preferredPort = preferredPort;
        this.jvm = List.of(jvm);
    }

    String module() {
        return module;
    }

    /** {@code catalog}, {@code scheduler} … */
    String id() {
        return module.substring(0, module.indexOf('-'));
    }

    /** Whether a part of this name is a service; added executors are {@code executor-oltp-2}. */
    static boolean isPart(String name) {
        return Stream.of(values()).anyMatch(service -> name.equals(service.id()))
                || name.startsWith(EXECUTOR.id() + "-");
    }

    int preferredPort() {
        return preferredPort;
    }

    List<String> jvm() {
        List<String> common = List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED");
        return Stream.of(common, JvmOptions.COMPILES_LATER, jvm).flatMap(List::stream).toList();
    }

    /** What this service needs beyond what all need. */
    Map<String, String> environment(StateFolder state) {
        return switch (this) {
            case VALIDATOR -> Map.of("CAIRN_VALIDATOR_SCRATCH", state.data("scratch").toString());
            case CATALOG, SCHEDULER, REPLICATION, EXECUTOR -> Map.of();
        };
    }
}
