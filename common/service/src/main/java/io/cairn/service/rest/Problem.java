package io.cairn.service.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cairn.model.error.CairnException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The body of a problem, RFC 9457 section 3.1, with Cairn's own members behind:
 *
 * <pre>
 * {"type": "urn:cairn:error:CLUSTER_UNKNOWN", "title": "Cluster unknown", "status": 404, "detail": "no cluster …",
 * "code": "CLUSTER_UNKNOWN", "category": "CONFIG", "hint": "known are: …"}</pre>
 *
 * @param detail what happened, in one line without secrets
 * @param code an {@link io.cairn.model.error.ErrorCode}
 * @param category an {@link io.cairn.model.error.ErrorCategory}
 * @param hint what to do next
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        String code,
        String category,
        @Nullable String hint) {

    static Problem of(CairnException e, int status) {
        String name = e.code().name();
        String words = name.toLowerCase(Locale.ROOT).replace('_', ' ');
        return new Problem(
                "urn:cairn:error:" + name,
                Character.toUpperCase(words.charAt(0)) + words.substring(1),
                status,
                e.getMessage(),
                name,
                e.category().name(),
                e.hint().orElse(null));
    }
}
