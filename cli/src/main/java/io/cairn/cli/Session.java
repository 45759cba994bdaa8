package io.cairn.cli;

import io.cairn.archive.key.Certificates;
import io.cairn.archive.key.Identity;
import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import io.cairn.config.StoreConfig;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.restore.backup.BackupLister;
import io.cairn.restore.backup.BackupReader;
import io.cairn.restore.identity.Identities;
import io.cairn.storage.ObjectStore;
import io.cairn.storage.lifecycle.GovernedStore;
import io.cairn.storage.s3.S3ObjectStore;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** One call of {@code cairn}: its configuration, and the stores it opened. */
final class Session implements AutoCloseable {

    private final CairnConfig config;
    private final List<ObjectStore> stores = new ArrayList<>();

    private Session(CairnConfig config) {
        this.config = config;
    }

    static Session open(GlobalOptions options) {
        Path file =
                options.configFile()
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.CONFIG_INVALID,
                                        "no configuration file is named",
                                        "use --config FILE or set CAIRN_CONFIG"));
        return new Session(CairnConfigReader.read(file));
    }

    CairnConfig config() {
        return config;
    }

    /**
     * Every configured store, in the order of the configuration; what is put there, such as a
     * rotation's wraps, is locked as what a service puts.
     */
    List<ObjectStore> stores() {
        if (stores.isEmpty()) {
            for (StoreConfig store : config.stores().values()) {
                stores.add(
                        GovernedStore.around(
                                config, S3ObjectStore.open(store), InstantSource.system()));
            }
        }
        return List.copyOf(stores);
    }

    BackupLister lister() {
        X509Certificate anchor = trustAnchor();
        return new BackupLister(
                stores().stream().map(store -> new BackupReader(store, anchor)).toList());
    }

    /** The authority that the executors' signatures must chain to. */
    X509Certificate trustAnchor() {
        Path file =
                config.keys()
                        .trustAnchor()
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.CONFIG_INVALID,
                                        "no trust anchor is configured, so a backup's origin cannot be proven",
                                        "name the authority's certificate under keys: trustAnchor"));
        return Certificates.read(file);
    }

    /** The operator's private key. */
    Identity identity() {
        return Identities.open(config.keys());
    }

    @Override
    public void close() {
        stores.forEach(ObjectStore::close);
    }
}
