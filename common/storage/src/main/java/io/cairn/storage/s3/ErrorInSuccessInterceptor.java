package io.cairn.storage.s3;

import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Turns a {@code 200 OK} without an entity tag, whose body is an error document, into the 500 that
 * it stands for, so that it is tried again and never taken for success. Every PUT that stored
 * something is answered with an entity tag.
 */
final class ErrorInSuccessInterceptor implements ExecutionInterceptor {

    private static final int INTERNAL_ERROR = 500;

    @Override
    public SdkHttpResponse modifyHttpResponse(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        SdkHttpResponse response = context.httpResponse();
        boolean unproven =
                context.request() instanceof PutObjectRequest
                        && response.isSuccessful()
                        && response.firstMatchingHeader("ETag").isEmpty();
        return unproven ? response.toBuilder().statusCode(INTERNAL_ERROR).build() : response;
    }
}
