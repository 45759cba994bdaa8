package io.cairn.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreRequestTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "GET,    /b?list-type=2&prefix=a%2Fb,       -,                    LIST,          a/b",
                "GET,    /b?versions&prefix=a,              -,                    LIST,          a",
                "GET,    /b,                                -,                    LIST,          ''",
                "HEAD,   /b,                                -,                    LIST,          ''",
                "GET,    /b?versioning,                     -,                    OTHER,         ''",
                "PUT,    /b,                                -,                    OTHER,         ''",
                "POST,   /b?delete,                         -,                    OTHER,         ''",
                "GET,    /b/a/k,                            -,                    READ,          a/k",
                "GET,    /b/a/k?versionId=1,                -,                    READ,          a/k",
                "GET,    /b/a/k?acl,                        -,                    OTHER,         a/k",
                "HEAD,   /b/a/k,                            -,                    READ_METADATA, a/k",
                "PUT,    /b/a/k,                            if-none-match: *,     CREATE,        a/k",
                "PUT,    /b/a/k,                            if-match: tag,        REPLACE,       a/k",
                "PUT,    /b/a/k,                            -,                    OVERWRITE,     a/k",
                "PUT,    /b/a/k,                            x-amz-copy-source: x, OTHER,         a/k",
                "PUT,    /b/a/k?retention,                  -,                    RETAIN,        a/k",
                "PUT,    /b/a/k?legal-hold,                 -,                    HOLD,          a/k",
                "PUT,    /b/a/k?tagging,                    -,                    TAG,           a/k",
                "GET,    /b/a/k?tagging,                    -,                    TAG,           a/k",
                "POST,   /b/a/k?restore,                    -,                    THAW,          a/k",
                "PUT,    /b/a/k?acl,                        -,                    OTHER,         a/k",
                "PUT,    /b/a/k?partNumber=1&uploadId=2,    -,                    OTHER,         a/k",
                "POST,   /b/a/k?uploads,                    -,                    OTHER,         a/k",
                "DELETE, /b/a/k,                            -,                    DELETE,        a/k",
                "DELETE, /b/a/k?versionId=1,                -,                    DELETE,        a/k",
                "DELETE, /b/a/k?tagging,                    -,                    OTHER,         a/k",
            })
    void tellsWhatIsAskedFor(
            String method, String uri, String header, StoreOperation operation, String key) {
        String[] parts = header == null ? new String[] {"", ""} : header.split(": ");
        Map<String, String> headers = Map.of(parts[0], parts[1]);

        StoreRequest request =
                StoreRequest.of(
                        method,
                        URI.create(uri),
                        name -> headers.get(name.toLowerCase(Locale.ROOT)));

        assertThat(request).isEqualTo(new StoreRequest("", operation, method, "b", key));
    }

    @Test
    void readsTheAccessKeyIdFromTheSignature() {
        String signature =
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/s3/aws4_request, "
                        + "SignedHeaders=host, Signature=00";

        StoreRequest request =
                StoreRequest.of(
                        "GET",
                        URI.create("/b/k"),
                        name -> name.equals("Authorization") ? signature : null);

        assertThat(request.accessKeyId()).isEqualTo("AKIDEXAMPLE");
    }
}
