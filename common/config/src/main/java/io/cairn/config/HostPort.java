package io.cairn.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;

/**
 * A server's address, {@code host:port}; the port is 5432 where it is left out. An IPv6 address
 * stands in brackets.
 *
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {

    public HostPort {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw invalid(host + ":" + port);
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0 || text.endsWith("]")) {
            return new HostPort(text, 5432);
        }
        try {
            return new HostPort(
                    text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw invalid(text);
        }
    }

    private static CairnException invalid(String text) {
        return new CairnException(
                ErrorCode.CONFIG_INVALID, "'" + text + "' is not an address", "write host:port");
    }

    @Override
    @JsonValue
    public String toString() {
        return host + ":" + port;
    }
}
