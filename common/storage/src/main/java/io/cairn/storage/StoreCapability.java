package io.cairn.storage;

/** What a bucket, with the credential at hand, may or may not be able to do. */
public enum StoreCapability {
    CREATE("stores objects"),
    READ("gives back what was stored, with its user metadata"),
    LIST("lists by prefix, in order"),
    CONDITIONAL_PUT("lets exactly one of several writers create an object"),
    DELETE("deletes objects"),
    CHECKSUMS("refuses bytes that do not match their SHA-256"),
    TAGS("keeps tags, which archive rules go by"),
    VERSIONING("keeps versions"),
    OBJECT_LOCK("enforces Object Lock");

    private final String sentence;

    StoreCapability(String sentence) {
        this.sentence = sentence;
    }

    /** For an operator, after "the store": {@code lists by prefix, in order}. */
    public String sentence() {
        return sentence;
    }

    /**
     * Whether Cairn cannot work without it. The others are weighed by the policy and the service's
     * rights.
     */
    public boolean required() {
        return this == CREATE || this == READ || this == LIST || this == CONDITIONAL_PUT;
    }
}
