package io.cairn.model.record;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Whose process this is, as every record of an act names it. Stateless. */
public final class Caller {

    private Caller() {}

    /**
     * {@code user@host}, as the operating system says; nobody has proven it. A user or a host
     * without a name is {@code unknown} or {@code localhost}.
     */
    public static String current() {
        return System.getProperty("user.name", "unknown") + "@" + host();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            // It has no name that it knows itself.
            return "localhost";
        }
    }
}
