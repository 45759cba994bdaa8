package io.cairn.storage.lifecycle;

import io.cairn.model.StoreName;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.util.List;

/**
 * The lifecycle configuration of a bucket. Blocking; thread-safe. Every method throws the {@code
 * STORE_…} codes of {@link io.cairn.storage.ObjectStore}, {@link ErrorCode#STORE_ERROR} where the
 * store has no lifecycle rules.
 */
public interface BucketLifecycle extends AutoCloseable {

    StoreName store();

    /** All rules, in the bucket's order; none where it has no configuration. */
    List<LifecycleRule> rules();

    /**
     * Sets the whole configuration; no rules remove it. S3 takes a while, up to a day, until it
     * goes by them.
     *
     * @param rules those with {@link LifecycleRule#stored} are put back as they were
     * @throws CairnException also {@link ErrorCode#STORE_ACCESS_DENIED}: none of Cairn's
     *     credentials may do it
     */
    void write(List<LifecycleRule> rules);

    @Override
    void close();
}
