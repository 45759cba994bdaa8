package io.cairn.postgres.server;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A port of 127.0.0.1 that is free at this moment. */
final class FreePort {

    private FreePort() {}

    static int onLoopback() {
        try (ServerSocket socket =
                new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.POSTGRES_BOOT_FAILED,
                    "no free port on 127.0.0.1: " + e,
                    "name a port",
                    e);
        }
    }
}
