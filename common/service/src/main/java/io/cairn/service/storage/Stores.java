package io.cairn.service.storage;

import io.cairn.config.CairnConfig;
import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectStore;

/**
 * The configured object stores. Thread-safe; the stores are shared and must not be closed by who
 * asks for them.
 */
public interface Stores {

    /**
     * The store of that name, opened at the first call.
     *
     * @throws CairnException {@link ErrorCode#CONFIG_INVALID} if the configuration has none of that
     *     name, {@link ErrorCode#SECRET_UNAVAILABLE}, {@link ErrorCode#CERTIFICATE_INVALID}
     */
    ObjectStore store(StoreName name);

    /**
     * The stores of a configuration, for what runs outside a container; who opens them closes them.
     */
    static ConfiguredStores of(CairnConfig config) {
        return new ConfiguredStores(config);
    }
}
