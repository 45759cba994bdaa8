package io.cairn.service.config;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Which process this is among those of its kind, for people who read events, logs and the broker's
 * list of clients. Nothing is decided by it.
 *
 * @param value up to 100 letters, digits, {@code .}, {@code _}, {@code :}, {@code /} or {@code -}
 */
public record InstanceName(String value) {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._:/-]{1,100}");

    public InstanceName {
        if (!FORM.matcher(value).matches()) {
            throw new CairnException(
                    ErrorCode.CONFIG_INVALID,
                    "cairn.instance '" + value + "' is no name of a process",
                    "use up to 100 letters, digits and . _ : / -");
        }
    }

    /** {@code host/pid}. */
    static InstanceName ofThisProcess() {
        return new InstanceName(host() + "/" + ProcessHandle.current().pid());
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // pid@host, whatever the resolver says
            String name = ManagementFactory.getRuntimeMXBean().getName();
            return name.substring(name.indexOf('@') + 1);
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
