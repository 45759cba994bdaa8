package io.cairn.testing;

/** What a request to an S3 server asks for, as far as rights are concerned. */
public enum StoreOperation {
    /** Object keys, or versions, under a prefix; also whether the bucket is there. */
    LIST,
    /** An object's bytes. */
    READ,
    /** An object's length, time and user metadata: HEAD. */
    READ_METADATA,
    /** PUT with {@code If-None-Match: *}. */
    CREATE,
    /** PUT with {@code If-Match}. */
    REPLACE,
    /** PUT without a condition. */
    OVERWRITE,
    /** DELETE of an object or of one version. */
    DELETE,
    /** PUT of a retention. */
    RETAIN,
    /** PUT of a legal hold. */
    HOLD,
    /** GET or PUT of tags. */
    TAG,
    /** RestoreObject. */
    THAW,
    /** Anything else: batch deletes, copies, multipart, the bucket's own settings. */
    OTHER
}
