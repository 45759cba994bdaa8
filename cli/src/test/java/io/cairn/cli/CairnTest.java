package io.cairn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CairnTest {

    @TempDir private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "",
                "list --nonsense",
                "restore",
                "show",
                "restore --cluster shop",
                "show latest",
                "show sh/op:20261122T020000Z-F",
                "verify shop:yesterday",
                "backup shop --type some",
                "backup shop --catalog 127.0.0.1:1",
                "backup shop --catalog ftp://127.0.0.1",
                "backup shop --stall-timeout 10",
                "backup shop --stall-timeout 0s",
                "key",
                "key shred",
                "key check Shop"
            })
    void misuseIsOneLineWithAHintAndExitCode2(String line) {
        Run run = Run.cairn(line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("cairn: ").contains("hint: ");
    }

    @Test
    void aMissingConfigurationFileIsRefused() {
        Run run = Run.cairn("--config", folder.resolve("none.yaml").toString(), "list");

        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err().lines()).singleElement().asString().contains("none.yaml", "hint: ");
    }

    @Test
    void anUnknownKeyIsRefusedByName() throws IOException {
        Path file = Files.writeString(folder.resolve("cairn.yaml"), "storess: {}\n");

        Run run = Run.cairn("list", "--config", file.toString());

        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains("storess", "stores", "hint: ");
    }

    @ParameterizedTest
    @CsvSource({"a/b", "Shop", "'a b'"})
    void aClusterNameThatIsNoneIsRefusedBeforeAnythingIsAsked(String name) {
        Run run = Run.cairn("backup", name, "--catalog", "http://127.0.0.1:1");

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains("is not a cluster name", "hint: ");
    }

    @Test
    void aCatalogThatDoesNotAnswerIsUnreachable() {
        Run run = Run.cairn("backup", "shop", "--catalog", "http://127.0.0.1:1");

        assertThat(run.exit()).isEqualTo(8);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains("http://127.0.0.1:1", "hint: ");
    }

    @Test
    void everyCommandHasHelp() {
        for (String command : Cairn.commandLine().getSubcommands().keySet()) {
            Run run = Run.cairn(command, "--help");

            assertThat(run.exit()).as(command).isZero();
            assertThat(run.out()).as(command).contains("Usage: cairn " + command);
        }
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyErrorHasAnExitCodeOtherThanOk(ErrorCode code) {
        assertThat(ExitCode.of(new CairnException(code, "x", null))).isNotEqualTo(ExitCode.OK);
    }

    @Test
    void aTargetThatTheReplayedWalLacksIsNoRefusal() {
        assertThat(ExitCode.of(new CairnException(ErrorCode.RECOVERY_TARGET_NOT_FOUND, "x", null)))
                .isEqualTo(ExitCode.ERROR);
        assertThat(
                        ExitCode.of(
                                new CairnException(
                                        ErrorCode.RECOVERY_TARGET_UNREACHABLE, "x", null)))
                .isEqualTo(ExitCode.REFUSED);
    }
}
