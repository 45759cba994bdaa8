package io.cairn.restore.identity.kms;

import io.cairn.config.KeysConfig.KmsKey;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Says in Cairn's words what the SDK threw. Messages hold the key's name and the address, never a
 * credential, and nothing of what was to be decrypted.
 */
final class KmsErrors {

    private final String key;
    private final String where;

    KmsErrors(KmsKey key) {
        this.key = "AWS KMS key " + key.keyId();
        this.where = key.endpoint().map(Object::toString).orElse("AWS " + key.region());
    }

    /**
     * @param doing {@code "looking up"}, which the key's name follows
     */
    CairnException translate(SdkException e, String doing) {
        return e instanceof AwsServiceException answer
                ? answered(answer, doing)
                : unanswered(e, doing);
    }

    private CairnException answered(AwsServiceException e, String doing) {
        String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
        String what = doing + " " + key + " (" + where + ") ";
        return switch (code) {
            case "AccessDeniedException" ->
                    error(
                            ErrorCode.KMS_ACCESS_DENIED,
                            what + "is not permitted",
                            "the key's policy must allow this credential kms:GetPublicKey and kms:Decrypt",
                            e);
            case "UnrecognizedClientException",
                    "InvalidSignatureException",
                    "IncompleteSignature",
                    "MissingAuthenticationToken",
                    "InvalidClientTokenId",
                    "ExpiredTokenException" ->
                    error(
                            ErrorCode.KMS_ACCESS_DENIED,
                            what + "is refused, since the credential is not accepted: " + code,
                            "correct or renew the credential, and check this machine's clock",
                            e);
            case "NotFoundException", "InvalidArnException" ->
                    error(
                            ErrorCode.KEY_INVALID,
                            "there is no " + key + " at " + where,
                            "correct keyId and region under keys.identity.kms",
                            e);
            case "DisabledException", "KMSInvalidStateException" ->
                    error(
                            ErrorCode.KEY_INVALID,
                            key + " is disabled, or its deletion is pending",
                            "enable it, or cancel its deletion, in KMS: backups need it",
                            e);
            case "InvalidKeyUsageException", "UnsupportedOperationException" -> cannotDecrypt();
            case "InvalidCiphertextException", "IncorrectKeyException" ->
                    error(
                            ErrorCode.ARCHIVE_CORRUPT,
                            "the wrapped key is not encrypted for "
                                    + key
                                    + ", although it names its certificate",
                            "use another copy of this key object",
                            e);
            default ->
                    error(
                            ErrorCode.KMS_UNREACHABLE,
                            what
                                    + "fails with "
                                    + e.statusCode()
                                    + " "
                                    + code
                                    + ", after "
                                    + e.numAttempts()
                                    + " tries",
                            "see the service's health and the account's request quota",
                            e);
        };
    }

    private CairnException unanswered(SdkException e, String doing) {
        if (String.valueOf(e.getMessage()).contains("credentials")) {
            return error(
                    ErrorCode.KMS_ACCESS_DENIED,
                    doing + " " + key + ": there is no credential for " + where,
                    "set accessKeyId and secretAccessKey under keys.identity.kms, or provide AWS credentials to this process",
                    e);
        }
        Throwable root =
                Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
                        .reduce(e, (_, last) -> last);
        return error(
                ErrorCode.KMS_UNREACHABLE,
                doing + " " + key + ": " + where + " does not answer: " + root.getMessage(),
                "see whether region and endpoint are right, and the network between",
                e);
    }

    CairnException cannotDecrypt() {
        return new CairnException(
                ErrorCode.KEY_INVALID,
                key + " cannot decrypt with RSAES_OAEP_SHA_256",
                "it must be an asymmetric RSA key with the usage ENCRYPT_DECRYPT");
    }

    CairnException noneOf(List<X509Certificate> certificates) {
        return new CairnException(
                ErrorCode.KEY_INVALID,
                key
                        + " is not the key of "
                        + certificates.stream()
                                .map(certificate -> certificate.getSubjectX500Principal().getName())
                                .collect(Collectors.joining(", ", "[", "]")),
                "name the recipient's certificate that was made for this key under keys.identity.kms: certificate");
    }

    private static CairnException error(
            ErrorCode code, String message, String hint, Exception cause) {
        return new CairnException(code, message, hint, cause);
    }
}
