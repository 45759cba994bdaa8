package io.cairn.config;

import io.cairn.config.ClusterConfig.Tls;
import io.cairn.config.ClusterConfig.TlsMode;
import io.cairn.config.KeysConfig.IdentitySource;
import io.cairn.config.KeysConfig.KmsKey;
import io.cairn.config.KeysConfig.Pkcs12;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.TierPolicy;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Reads {@code cairn.yaml} strictly: an unknown or repeated key, a value of the wrong kind or a
 * name that leads nowhere is refused in one line with file, line, path and hint. Relative paths are
 * resolved against the file's folder. {@code docs/configuration.md} describes every key.
 */
public final class CairnConfigReader {

    /**
     * PostgreSQL's bounds of {@code MAX_RATE}, kB/s (BASE_BACKUP, streaming replication protocol).
     */
    private static final long MAX_RATE_MIN_KB = 32;

    private static final long MAX_RATE_MAX_KB = 1_048_576;

    private CairnConfigReader() {}

    /**
     * Reads and checks a configuration file. What it leaves out of the policies has the
     * requirement's values.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID}, {@link ErrorCode#CONFIG_UNKNOWN_KEY}
     */
    public static CairnConfig read(Path file) {
        return read(YamlSource.read(file));
    }

    private static CairnConfig read(Section root) {
        root.allow("clusters", "stores", "keys", "tiers", "maintenance", "postgres", "catalog");
        PolicySections policies = new PolicySections(root);
        CairnConfig config =
                new CairnConfig(
                        Collections.unmodifiableSequencedMap(
                                root.section("clusters")
                                        .entries(ClusterName::new, CairnConfigReader::cluster)),
                        Collections.unmodifiableSequencedMap(
                                root.section("stores")
                                        .entries(StoreName::new, CairnConfigReader::store)),
                        keys(root.section("keys")),
                        Map.copyOf(policies.tiers()),
                        policies.maintenance(),
                        Map.copyOf(
                                root.section("postgres")
                                        .entries(
                                                CairnConfigReader::major,
                                                (_, value) -> value.file())),
                        root.section("catalog")
                                .allow("url")
                                .get("url")
                                .map(value -> address(value, "an address", "leave them out")));
        requireDistinctBuckets(root, config.stores());
        requireStoresOfCopies(root, config);
        return config;
    }

    private static ClusterConfig cluster(ClusterName name, Value value) {
        Section keys =
                value.section()
                        .allow("tier", "hosts", "user", "password", "database", "tls", "maxRate");
        List<HostPort> hosts =
                keys.require("hosts").list().stream()
                        .map(host -> host.as(HostPort::parse))
                        .toList();
        if (hosts.isEmpty()) {
            throw keys.require("hosts")
                    .invalid("must name at least one host", "write [\"db1:5432\"]");
        }
        return new ClusterConfig(
                name,
                keys.require("tier").as(Tier::parse),
                hosts,
                keys.get("user").map(Value::text).orElse("cairn"),
                keys.get("password").map(Value::secret),
                keys.get("database").map(Value::text).orElse("postgres"),
                tls(keys),
                keys.get("maxRate").map(CairnConfigReader::maxRate));
    }

    private static Tls tls(Section cluster) {
        Section keys = cluster.section("tls").allow("mode", "rootCertificate");
        TlsMode mode =
                keys.get("mode")
                        .map(it -> it.as(CairnConfigReader::tlsMode))
                        .orElse(TlsMode.VERIFY_FULL);
        Optional<Path> rootCertificate = keys.get("rootCertificate").map(Value::file);
        boolean verifies = mode == TlsMode.VERIFY_CA || mode == TlsMode.VERIFY_FULL;
        if (verifies && rootCertificate.isEmpty()) {
            throw keys.error(
                    keys.path()
                            + ": mode "
                            + id(mode)
                            + (keys.get("mode").isPresent() ? "" : ", the default,")
                            + " needs rootCertificate",
                    "name the PEM file of the authority that signed the server's certificate; tls: {mode: disable} is for a"
                            + " server on this machine");
        }
        return new Tls(mode, rootCertificate);
    }

    private static TlsMode tlsMode(String text) {
        for (TlsMode mode : TlsMode.values()) {
            if (id(mode).equals(text)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' is not disable, require, verify-ca or verify-full");
    }

    private static String id(TlsMode mode) {
        return switch (mode) {
            case DISABLE -> "disable";
            case REQUIRE -> "require";
            case VERIFY_CA -> "verify-ca";
            case VERIFY_FULL -> "verify-full";
        };
    }

    private static int maxRate(Value value) {
        long kilobytes = value.size() / 1024;
        if (kilobytes < MAX_RATE_MIN_KB || kilobytes > MAX_RATE_MAX_KB) {
            throw value.invalid("must be 32KiB to 1GiB (per second)", "leave it out for no limit");
        }
        return (int) kilobytes;
    }

    private static StoreConfig store(StoreName name, Value value) {
        Section keys =
                value.section()
                        .allow(
                                "bucket",
                                "region",
                                "endpoint",
                                "pathStyle",
                                "accessKeyId",
                                "secretAccessKey",
                                "caCertificate");
        Optional<URI> endpoint = keys.get("endpoint").map(CairnConfigReader::endpoint);
        return new StoreConfig(
                name,
                keys.require("bucket").text(),
                keys.get("region").map(Value::text).orElse("us-east-1"),
                endpoint,
                keys.get("pathStyle").map(Value::bool).orElse(endpoint.isPresent()),
                credential(value, keys, "accessKeyId"),
                credential(value, keys, "secretAccessKey"),
                keys.get("caCertificate").map(Value::file));
    }

    /** One half of a credential; the other one must be there if it is. */
    private static Optional<SecretReference> credential(Value value, Section keys, String half) {
        if (keys.get("accessKeyId").isPresent() != keys.get("secretAccessKey").isPresent()) {
            throw value.invalid(
                    "accessKeyId and secretAccessKey belong together",
                    "set both, or neither for the AWS SDK's own credential chain");
        }
        return keys.get(half).map(Value::secret);
    }

    private static URI endpoint(Value value) {
        return address(value, "an endpoint", "use accessKeyId and secretAccessKey");
    }

    private static URI address(Value value, String what, String insteadOfCredentials) {
        URI uri = value.as(URI::create);
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!http || uri.getHost() == null) {
            throw value.invalid(
                    "'" + value.text() + "' is not " + what,
                    "write http://host:port or https://host:port");
        }
        if (uri.getUserInfo() != null) {
            // The value is not repeated: it holds a password.
            throw value.invalid(what + " carries no credentials", insteadOfCredentials);
        }
        return uri;
    }

    private static KeysConfig keys(Section section) {
        section.allow("recipients", "trustAnchor", "signer", "identity", "manifests");
        return new KeysConfig(
                section.get("recipients").map(Value::list).orElse(List.of()).stream()
                        .map(Value::file)
                        .toList(),
                section.get("signer").map(CairnConfigReader::pkcs12),
                section.get("trustAnchor").map(Value::file),
                section.get("identity").map(CairnConfigReader::identity),
                section.get("manifests").map(CairnConfigReader::pkcs12));
    }

    private static IdentitySource identity(Value value) {
        return value.section()
                .allow("file", "password", "kms")
                .get("kms")
                .<IdentitySource>map(kms -> {
                    if (value.section().get("file").isPresent()
                            || value.section().get("password").isPresent()) {
                        throw value.invalid(
                                "a PKCS#12 file and a key in KMS exclude each other",
                                "name file and password, or kms");
                    }
                    return kmsKey(kms);
                })
                .orElseGet(() -> pkcs12(value));
    }

    private static KmsKey kmsKey(Value value) {
        Section keys =
                value.section()
                        .allow(
                                "keyId",
                                "region",
                                "endpoint",
                                "certificate",
                                "accessKeyId",
                                "secretAccessKey");
        return new KmsKey(
                keys.require("keyId").text(),
                keys.require("region").text(),
                keys.get("endpoint").map(CairnConfigReader::endpoint),
                keys.get("certificate").map(Value::file),
                credential(value, keys, "accessKeyId"),
                credential(value, keys, "secretAccessKey"));
    }

    private static Pkcs12 pkcs12(Value value) {
        Section keys = value.section().allow("file", "password");
        return new Pkcs12(keys.require("file").file(), keys.require("password").secret());
    }

    private static int major(String text) {
        if (!text.matches("\\d{2}")) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a major version of PostgreSQL like \"18\"");
        }
        return Integer.parseInt(text);
    }

    /** Two names for one bucket would make one copy look like two. */
    private static void requireDistinctBuckets(
            Section root, SequencedMap<StoreName, StoreConfig> stores) {
        record Place(Optional<URI> endpoint, String bucket) {}
        Map<Place, StoreName> places = new HashMap<>();
        for (StoreConfig store : stores.values()) {
            StoreName other =
                    places.putIfAbsent(new Place(store.endpoint(), store.bucket()), store.name());
            if (other != null) {
                throw value(root, "stores", store.name().value())
                        .invalid(
                                "is the same bucket as stores." + other,
                                "two copies need two buckets");
            }
        }
    }

    /**
     * Every tier that a cluster has, and every list of copies that is written down, must name
     * stores that exist.
     */
    private static void requireStoresOfCopies(Section root, CairnConfig config) {
        if (config.stores().isEmpty()) {
            // Clusters alone are enough to check them, and deploy/local/up has stores of its own.
            return;
        }
        for (TierPolicy policy : config.tiers().values()) {
            Optional<Value> written =
                    root.section("tiers").section(policy.tier().id()).get("copies");
            for (StoreName copy : policy.run().copies()) {
                if (config.stores().containsKey(copy)) {
                    continue;
                }
                if (written.isPresent()) {
                    throw written.get()
                            .invalid("there is no store '" + copy + "'", "add it under stores:");
                }
                firstCluster(config, policy.tier())
                        .ifPresent(cluster -> {
                            throw value(root, "clusters", cluster.value())
                                    .invalid(
                                            "tier "
                                                    + policy.tier()
                                                    + " keeps a copy in '"
                                                    + copy
                                                    + "', and there is no such store",
                                            "add stores."
                                                    + copy
                                                    + ", or set tiers."
                                                    + policy.tier()
                                                    + ".copies");
                        });
            }
        }
    }

    private static Optional<ClusterName> firstCluster(CairnConfig config, Tier tier) {
        return config.clusters().values().stream()
                .filter(cluster -> cluster.tier() == tier)
                .map(ClusterConfig::name)
                .findFirst();
    }

    private static Value value(Section root, String group, String name) {
        return root.section(group).require(name);
    }
}
