package io.cairn.storage.s3;

import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.http.auth.aws.scheme.AwsV4AuthScheme;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.scheme.AuthScheme;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignRequest;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignedRequest;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.identity.spi.IdentityProviders;

/**
 * SigV4 that never reads a body which carries its digest in a signed header: the payload is
 * declared {@code UNSIGNED-PAYLOAD}, over plain HTTP too, where the SDK would read every body
 * twice, once to sign it.
 *
 * <p>{@code x-amz-checksum-sha256} is part of the signature, so a store that verifies checksums
 * still notices every change to the body on the way.
 */
final class UnsignedBodyAuthScheme implements AuthScheme<AwsCredentialsIdentity> {

    static final String CHECKSUM = "x-amz-checksum-sha256";

    @Override
    public String schemeId() {
        return AwsV4AuthScheme.SCHEME_ID;
    }

    @Override
    public IdentityProvider<AwsCredentialsIdentity> identityProvider(IdentityProviders providers) {
        return providers.identityProvider(AwsCredentialsIdentity.class);
    }

    @Override
    public HttpSigner<AwsCredentialsIdentity> signer() {
        return new Signer(AwsV4HttpSigner.create());
    }

    private record Signer(AwsV4HttpSigner signer) implements HttpSigner<AwsCredentialsIdentity> {

        @Override
        public SignedRequest sign(SignRequest<? extends AwsCredentialsIdentity> request) {
            if (request.request().firstMatchingHeader(CHECKSUM).isEmpty()) {
                return signer.sign(request);
            }
            SignedRequest signed = signer.sign(withoutBody(request));
            return request.payload()
                    .map(body -> signed.toBuilder().payload(body).build())
                    .orElse(signed);
        }

        private static <T extends AwsCredentialsIdentity> SignRequest<T> withoutBody(
                SignRequest<T> request) {
            return request.toBuilder().payload(null).build();
        }

        @Override
        public CompletableFuture<AsyncSignedRequest> signAsync(
                AsyncSignRequest<? extends AwsCredentialsIdentity> request) {
            return signer.signAsync(request);
        }
    }
}
