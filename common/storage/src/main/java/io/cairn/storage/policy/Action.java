package io.cairn.storage.policy;

import java.util.List;

/** What can be done with objects, as narrowly as Cairn distinguishes it. */
public enum Action {
    /** Keys, lengths and times, of all versions. */
    LIST("s3:ListBucket", "s3:ListBucketVersions"),
    READ("s3:GetObject", "s3:GetObjectVersion"),
    /**
     * Length, time, user metadata, lock and legal hold: what a writer needs to recognise its own
     * object after a lost answer. S3 has no narrower right for it than reading; what is read is
     * ciphertext that the holder has no key for. Without the rights to see them, S3 leaves lock and
     * hold out in silence.
     */
    READ_METADATA("s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectLegalHold"),
    /**
     * A PUT that fails where something is, with a lock of days; to make it longer takes {@link
     * #RETAIN}.
     */
    CREATE("s3:PutObject", "s3:PutObjectRetention", "s3:PutObjectTagging"),
    /**
     * A PUT over exactly the object that was looked at before, with the lock and the legal hold
     * that it had. To release a hold takes {@link #HOLD}.
     */
    REPLACE("s3:PutObject", "s3:PutObjectRetention", "s3:PutObjectLegalHold"),
    /** Of every version. */
    DELETE("s3:DeleteObject", "s3:DeleteObjectVersion"),
    /**
     * Looks at a retention and extends it. To shorten one takes {@code
     * s3:BypassGovernanceRetention}, which nobody has.
     */
    RETAIN("s3:PutObjectRetention", "s3:GetObjectRetention"),
    /** A legal hold that comes with a PUT; to release it takes {@link #HOLD}. */
    PUT_HELD("s3:PutObjectLegalHold"),
    /** Looks at a legal hold, places and releases it. */
    HOLD("s3:PutObjectLegalHold", "s3:GetObjectLegalHold"),
    /** Of what is there already: lets lifecycle rules move it. */
    TAG("s3:PutObjectTagging", "s3:GetObjectTagging"),
    /** A readable copy of what is archived, for a while. */
    THAW("s3:RestoreObject");

    private final List<String> iamActions;

    Action(String... iamActions) {
        this.iamActions = List.of(iamActions);
    }

    /** The names of AWS IAM (Service Authorization Reference, Amazon S3). */
    public List<String> iamActions() {
        return iamActions;
    }
}
