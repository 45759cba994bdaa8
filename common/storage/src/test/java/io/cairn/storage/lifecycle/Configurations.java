package io.cairn.storage.lifecycle;

import io.cairn.config.CairnConfig;
import io.cairn.config.CairnConfigReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Configurations with the default policies but for one line. */
final class Configurations {

    private Configurations() {}

    /** With the clusters {@code library} of tier content, and {@code lake} of tier olap. */
    static CairnConfig read(Path folder, String tier) {
        String yaml =
                """
                clusters:
                  library: {tier: content, hosts: ["db1:5432"], tls: {mode: disable}}
                  lake: {tier: olap, hosts: ["db2:5432"], tls: {mode: disable}}
                stores:
                  primary: {bucket: primary}
                  secondary: {bucket: secondary}
                  archive: {bucket: archive}
                tiers:
                  %s
                """
                        .formatted(tier);
        try {
            return CairnConfigReader.read(Files.writeString(folder.resolve("cairn.yaml"), yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
