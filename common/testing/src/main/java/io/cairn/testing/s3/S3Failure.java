package io.cairn.testing.s3;

/** An error as S3 names it; it becomes the answer. */
final class S3Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    S3Failure(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    static S3Failure noSuchKey(String key) {
        return new S3Failure(404, "NoSuchKey", "there is no " + key);
    }

    static S3Failure preconditionFailed(String key) {
        return new S3Failure(412, "PreconditionFailed", "the condition does not hold for " + key);
    }

    static S3Failure locked(String key) {
        return new S3Failure(403, "AccessDenied", key + " is protected by Object Lock");
    }

    static S3Failure invalid(String message) {
        return new S3Failure(400, "InvalidRequest", message);
    }
}
