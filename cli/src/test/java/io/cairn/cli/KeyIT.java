package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.Lsn;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject;
import io.cairn.model.wal.SegmentSize;
import io.cairn.restore.fixture.WalArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cairn key}, with the rights of whoever runs it and no more. */
class KeyIT {

    private static final String LABEL = "20261101T020000Z-F";

    private OperatorStore store;
    private CommitObject commit;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        store = new OperatorStore(directory);
        commit = store.backup(LABEL).storeIn(store.executor(), store.keys());
        new WalArchive(
                store.executor(),
                store.keys(),
                commit.layout().root(),
                new SegmentSize(1 << 20),
                new Timeline(1),
                Lsn.parse("0/200000"));
    }

    @AfterEach
    void stop() {
        store.close();
    }

    @Test
    void keysAreCheckedRotatedRetiredAndShredded() throws IOException {
        Run before = cairn(store.config(), "key", "check");
        assertThat(before.exit()).as(before.err()).isZero();
        assertThat(before.out())
                .contains("ok      shop in 'primary': " + LABEL, "/keys/wal/", "recipient CN=")
                .doesNotContain("FAILED");
        // The tests' certificates last a day.
        assertThat(before.err()).contains("cairn: warning: the recipient's certificate of CN=");

        Run strange = cairn(store.configWithAnotherKey(), "key", "check", "shop", "-o", "json");
        assertThat(strange.exit()).isEqualTo(9);
        assertThat(strange.out()).contains("\"opens\" : false", "it was encrypted for");

        Path rotating = store.custodianConfig("others", "keys");
        Run unshown = cairn(rotating, "key", "rotate");
        assertThat(unshown.exit()).isEqualTo(4);
        assertThat(unshown.err())
                .contains("nobody has shown the private key", "nothing was changed", "hint: ");
        Run dry = rotate(rotating, "--dry-run");
        assertThat(dry.exit()).as(dry.err()).isZero();
        assertThat(dry.out()).contains("2 keys, 2 wraps would be added, 0 keys proven");

        Run rotated = rotate(rotating);
        assertThat(rotated.exit()).as(rotated.out() + rotated.err()).isZero();
        assertThat(rotated.out()).contains("2 keys, 2 wraps added, 2 keys proven");
        assertThat(rotated.err()).contains(KeyRotateCommand.STOLEN);
        assertThat(cairn(store.config(), "key", "check").exit()).isZero();
        assertThat(cairn(store.configWithAnotherKey(), "key", "check").exit()).isZero();

        Path retiring = store.custodianConfig("others", "others");
        Run notYours = cairn(store.configWithAnotherKey(), "key", "rotate", "--retire");
        assertThat(notYours.exit()).as(notYours.out()).isNotZero();
        Run retired = cairn(retiring, "key", "rotate", "--retire");
        assertThat(retired.exit()).as(retired.out() + retired.err()).isZero();
        assertThat(retired.out()).contains("2 keys, 2 older wraps removed, 0 kept");
        assertThat(cairn(store.config(), "key", "check").exit()).isEqualTo(9);
        Run verified = cairn(store.configWithAnotherKey(), "verify", "shop:" + LABEL);
        assertThat(verified.exit()).as(verified.err()).isZero();

        Run unconfirmed =
                cairn(
                        retiring,
                        "key",
                        "shred",
                        "shop",
                        "--confirm",
                        "shop",
                        "--system-identifier",
                        "1");
        assertThat(unconfirmed.exit()).isEqualTo(2);
        assertThat(unconfirmed.err()).contains("nothing was changed", "hint: ");
        Run shredded =
                cairn(
                        retiring,
                        "key",
                        "shred",
                        "shop",
                        "--confirm",
                        "shop",
                        "--system-identifier",
                        commit.systemIdentifier().toString());
        assertThat(shredded.exit()).as(shredded.err()).isZero();
        assertThat(shredded.out()).contains("2 keys of shop", "2 objects removed from 1 stores");

        Run restore =
                cairn(
                        store.configWithAnotherKey(),
                        "restore",
                        "--cluster",
                        "shop",
                        "--set",
                        LABEL,
                        "--target-dir",
                        store.tablespace().resolveSibling("restored").toString());
        assertThat(restore.exit()).isNotZero();
        assertThat(restore.err()).contains("were shredded on purpose at", "hint: ");
        Run list = cairn(store.config(), "list");
        assertThat(list.out()).contains(LABEL);
        assertThat(list.err()).contains("were shredded on purpose at");
        Run show = cairn(store.config(), "show", LABEL);
        assertThat(show.exit()).as(show.err()).isZero();
        assertThat(show.out()).contains("SHREDDED on purpose at");
        Run check = cairn(store.configWithAnotherKey(), "key", "check");
        assertThat(check.exit()).isEqualTo(9);
        assertThat(check.out()).contains("were shredded on purpose at");
    }

    private Run rotate(Path config, String... more) {
        String[] arguments = {
            "key",
            "rotate",
            "--proof-identity",
            store.otherIdentity().toString(),
            "--proof-password",
            store.passwordReference()
        };
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return cairn(config, all);
    }

    private static Run cairn(Path config, String... arguments) {
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = config.toString();
        return Run.cairn(all);
    }
}
