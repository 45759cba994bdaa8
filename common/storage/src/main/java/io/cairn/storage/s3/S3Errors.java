package io.cairn.storage.s3;

import io.cairn.config.StoreConfig;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.Retention;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Says in Cairn's words what the SDK threw. Messages hold the store's name and address, never a
 * credential.
 */
final class S3Errors {

    private final StoreConfig config;
    private final String where;

    S3Errors(StoreConfig config) {
        this.config = config;
        this.where =
                "store '"
                        + config.name()
                        + "' ("
                        + config.endpoint().map(Object::toString).orElse("AWS " + config.region())
                        + ", bucket "
                        + config.bucket()
                        + ")";
    }

    /**
     * @param what was tried, {@code "storing a/b"}
     */
    CairnException translate(SdkException e, String what) {
        Optional<CairnException> own = ownCause(e);
        if (own.isPresent()) {
            return own.get();
        }
        return e instanceof AwsServiceException answer
                ? answered(answer, what)
                : unanswered(e, what);
    }

    /**
     * Of a request for a lock: a bucket's limit is known by its refusal alone, which says no more
     * than that access is denied or an argument is wrong.
     *
     * @param wanted empty where none, or not its length, is at issue
     */
    CairnException translateLock(SdkException e, String what, Optional<Retention> wanted) {
        CairnException translated = translateLock(e, what);
        boolean mayBeLimit =
                e instanceof AwsServiceException answer
                        && switch (code(answer)) {
                            case "AccessDenied" ->
                                    translated.code() == ErrorCode.STORE_ACCESS_DENIED;
                            case "InvalidArgument", "InvalidRequest", "InvalidRetentionPeriod" ->
                                    translated.code() == ErrorCode.STORE_ERROR;
                            default -> false;
                        };
        if (wanted.isEmpty() || !mayBeLimit) {
            return translated;
        }
        return error(
                translated.code(),
                translated.getMessage()
                        + "; asked for was a "
                        + wanted.get().mode()
                        + " lock until "
                        + wanted.get().until(),
                "the bucket allows no lock that long, or this credential none: see its policy"
                        + " (s3:object-lock-remaining-retention-days) and the rights that Cairn's"
                        + " policy lists; cairn check tries it",
                e);
    }

    /** Of a request for a lock or a legal hold. */
    CairnException translateLock(SdkException e, String what) {
        CairnException translated = translate(e, what);
        boolean ofLock = e instanceof AwsServiceException answer && isNoObjectLock(answer);
        boolean other =
                translated.code() != ErrorCode.STORE_ERROR
                        && translated.code() != ErrorCode.STORE_OBJECT_MISSING;
        if (!ofLock || other) {
            return translated;
        }
        return error(
                ErrorCode.STORE_NO_OBJECT_LOCK,
                what + ": there is no Object Lock in " + where,
                "create the bucket with Object Lock and copy into it, or set the tier's lock to none; cairn check tells what a bucket can do",
                e);
    }

    private static boolean isNoObjectLock(AwsServiceException e) {
        return switch (code(e)) {
            case "NotImplemented", "MethodNotAllowed", "XNotImplemented" -> true;
            default -> message(e).toLowerCase(Locale.ROOT).replace(" ", "").contains("objectlock");
        };
    }

    /** An error of the body that was being stored, which the SDK has wrapped. */
    private static Optional<CairnException> ownCause(Throwable e) {
        return causes(e)
                .filter(CairnException.class::isInstance)
                .map(CairnException.class::cast)
                .findFirst();
    }

    static Stream<Throwable> causes(Throwable e) {
        return Stream.iterate(e, Objects::nonNull, Throwable::getCause);
    }

    /** S3's error code, or empty where the answer had no body, as to HEAD. */
    static String code(AwsServiceException e) {
        if (e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null) {
            return "";
        }
        return e.awsErrorDetails().errorCode();
    }

    private static String message(AwsServiceException e) {
        if (e.awsErrorDetails() == null || e.awsErrorDetails().errorMessage() == null) {
            return "";
        }
        return e.awsErrorDetails().errorMessage();
    }

    private CairnException answered(AwsServiceException e, String what) {
        String code = code(e);
        return switch (code) {
            case "NoSuchBucket" ->
                    error(
                            ErrorCode.STORE_BUCKET_MISSING,
                            what + ": there is no bucket '" + config.bucket() + "' in " + where,
                            "create it, or correct the bucket's name, region or endpoint",
                            e);
            case "InvalidAccessKeyId" ->
                    denied(
                            e,
                            what,
                            "the store does not know the access key id; correct the credential");
            case "SignatureDoesNotMatch" ->
                    denied(e, what, "the secret access key is wrong; correct the credential");
            case "ExpiredToken", "InvalidToken", "TokenRefreshRequired" ->
                    denied(e, what, "the session has expired; renew the credential");
            case "RequestTimeTooSkewed" ->
                    denied(
                            e,
                            what,
                            "this host's clock and the store's differ by more than 15 minutes; set the clock (NTP)");
            case "AuthorizationHeaderMalformed",
                    "PermanentRedirect",
                    "IllegalLocationConstraintException" ->
                    error(
                            ErrorCode.STORE_ERROR,
                            what
                                    + ": the bucket is in another region than "
                                    + config.region()
                                    + ", "
                                    + where,
                            "set the store's region to the bucket's",
                            e);
            case "NoSuchKey" -> missing(what, e);
            case "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch" ->
                    error(
                            ErrorCode.STORE_OBJECT_DIFFERS,
                            what + ": other bytes reached " + where + " than were sent",
                            "look for faulty memory or network between here and there",
                            e);
            case "InvalidObjectState", "ObjectNotInActiveTierError" ->
                    error(
                            ErrorCode.STORE_OBJECT_ARCHIVED,
                            what + ": the object is in an archive class of " + where,
                            "cairn restore thaws volumes and WAL; thaw anything else by hand (aws s3api restore-object) and keep it out of the bucket's lifecycle rules, or use another copy",
                            e);
            case "GlacierExpeditedRetrievalNotAvailable" ->
                    error(
                            ErrorCode.STORE_UNAVAILABLE,
                            what + ": " + where + " has no capacity for expedited retrievals now",
                            "ask for the standard tier, or try again later",
                            e);
            case "NotImplemented", "MethodNotAllowed", "XNotImplemented" ->
                    error(
                            ErrorCode.STORE_ERROR,
                            what + ": " + where + " does not know this function of S3",
                            "run cairn check, which tells what the store can do",
                            e);
            default -> byStatus(e, what, code);
        };
    }

    private CairnException byStatus(AwsServiceException e, String what, String code) {
        if (e.statusCode() == 401 || e.statusCode() == 403) {
            String message = message(e).toLowerCase(Locale.ROOT);
            if (message.contains("object lock") || message.contains("worm")) {
                return locked(what, e);
            }
            return denied(
                    e,
                    what,
                    "give the credential the rights that Cairn's policy for this service lists");
        }
        if (e.statusCode() == 404) {
            return missing(what, e);
        }
        if (e.statusCode() == 429
                || e.statusCode() >= 500
                || code.equals("SlowDown")
                || code.equals("RequestTimeout")) {
            return error(
                    ErrorCode.STORE_UNAVAILABLE,
                    what
                            + ": "
                            + where
                            + " answers "
                            + e.statusCode()
                            + " "
                            + code
                            + ", "
                            + tries(e),
                    "see the store's health and log; it is tried again where the work allows",
                    e);
        }
        return error(
                ErrorCode.STORE_ERROR,
                what
                        + ": "
                        + where
                        + " refuses with "
                        + e.statusCode()
                        + " "
                        + code
                        + " "
                        + message(e),
                "see the store's log",
                e);
    }

    private static String tries(SdkException e) {
        return "after " + e.numAttempts() + " tries";
    }

    private CairnException unanswered(SdkException e, String what) {
        if (causes(e).anyMatch(InterruptedException.class::isInstance)
                || e instanceof AbortedException) {
            Thread.currentThread().interrupt();
            return error(
                    ErrorCode.STORE_UNREACHABLE,
                    what + " was interrupted",
                    "this process was told to stop",
                    e);
        }
        if (e instanceof ApiCallTimeoutException || e instanceof ApiCallAttemptTimeoutException) {
            return error(
                    ErrorCode.STORE_UNAVAILABLE,
                    what + ": " + where + " did not answer in time",
                    "see the store's health and the network between",
                    e);
        }
        if (causes(e).anyMatch(SSLException.class::isInstance)) {
            return error(
                    ErrorCode.STORE_UNREACHABLE,
                    what + ": no TLS connection to " + where + ": " + root(e),
                    "name the authority of its certificate as caCertificate, and its host name as the certificate has it",
                    e);
        }
        if (String.valueOf(e.getMessage()).contains("credentials")) {
            return error(
                    ErrorCode.STORE_ACCESS_DENIED,
                    what + ": there is no credential for " + where,
                    "set accessKeyId and secretAccessKey of the store, or provide AWS credentials to this process",
                    e);
        }
        return error(
                ErrorCode.STORE_UNREACHABLE,
                what + ": cannot reach " + where + ": " + root(e),
                "see whether the endpoint is right, the store runs and no firewall is between",
                e);
    }

    private static String root(Throwable e) {
        Throwable last = causes(e).reduce(e, (first, second) -> second);
        String message = last.getMessage();
        return message == null ? last.getClass().getSimpleName() : message;
    }

    CairnException missing(String what, Throwable cause) {
        return error(
                ErrorCode.STORE_OBJECT_MISSING,
                what + ": there is no such object in " + where,
                "it was deleted, or never written; use another copy",
                cause);
    }

    CairnException locked(String what, Throwable cause) {
        return error(
                ErrorCode.STORE_LOCKED,
                what + ": Object Lock or a legal hold protects it in " + where,
                "wait until the retention has passed, or release the hold",
                cause);
    }

    private CairnException denied(AwsServiceException e, String what, String hint) {
        String code = code(e).isEmpty() ? "" : " (" + code(e) + ")";
        return error(
                ErrorCode.STORE_ACCESS_DENIED,
                what + ": " + where + " refuses access" + code,
                hint,
                e);
    }

    private static CairnException error(
            ErrorCode code, String message, String hint, Throwable cause) {
        return new CairnException(code, message, hint, cause);
    }
}
