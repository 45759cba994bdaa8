package io.cairn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Self-signed certificates with their keys, made by the JDK's {@code keytool}: for servers on
 * loopback, and for anything else a test needs an identity for. Never for anything real: the
 * password is known to everybody.
 */
public final class TestCertificates {

    /** Of every key store made here. */
    public static final String PASSWORD = "cairn-test";

    private static final long KEYTOOL_SECONDS = 60;

    private TestCertificates() {}

    /**
     * @param pkcs12 the key with its certificate, under alias {@code cairn}, password {@link
     *     #PASSWORD}
     * @param certificate the same certificate as PEM, which is its own authority
     */
    public record Identity(Path pkcs12, Path certificate) {}

    /** For a server on 127.0.0.1 or localhost. Reuses what {@code directory} already holds. */
    public static Identity server(Path directory) {
        return create(directory, "server", "EC", "-ext", "SAN=ip:127.0.0.1,dns:localhost");
    }

    /**
     * For a person or service, as recipient or signer. Reuses what {@code directory} already holds.
     *
     * @param name becomes file name and common name
     * @param algorithm {@code EC} (P-256) or {@code RSA} (3072 bits)
     */
    public static Identity person(Path directory, String name, String algorithm) {
        return create(directory, name, algorithm);
    }

    private static Identity create(
            Path directory, String name, String algorithm, String... extensions) {
        Path pkcs12 = directory.resolve(name + ".p12");
        Path certificate = directory.resolve(name + ".pem");
        if (!Files.exists(certificate)) {
            directories(directory);
            List<String> generate =
                    new ArrayList<>(
                            List.of(
                                    "-genkeypair",
                                    "-keyalg",
                                    algorithm,
                                    "-dname",
                                    "CN=" + name,
                                    "-validity",
                                    "3650"));
            generate.addAll(
                    algorithm.equals("EC")
                            ? List.of("-groupname", "secp256r1")
                            : List.of("-keysize", "3072"));
            generate.addAll(List.of(extensions));
            keytool(pkcs12, generate);
            keytool(pkcs12, List.of("-exportcert", "-rfc", "-file", certificate.toString()));
        }
        return new Identity(pkcs12, certificate);
    }

    private static void keytool(Path pkcs12, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(arguments);
        command.addAll(
                List.of("-alias", "cairn", "-keystore", pkcs12.toString(), "-storetype", "PKCS12"));
        command.addAll(List.of("-storepass:env", "CAIRN_TEST_PASSWORD"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("CAIRN_TEST_PASSWORD", PASSWORD);
        try {
            Process keytool = builder.start();
            String output =
                    new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!keytool.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                throw new IllegalStateException("keytool failed: " + output.strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while keytool ran", e);
        }
    }

    private static void directories(Path directory) {
        try {
            Files.createDirectories(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwxr-xr-x")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
