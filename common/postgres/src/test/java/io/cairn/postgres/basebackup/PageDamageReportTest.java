package io.cairn.postgres.basebackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.model.backup.Archive.Tablespace;
import io.cairn.model.backup.CommitObject.PageDamage;
import io.cairn.postgres.connection.ServerMessage;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageDamageReportTest {

    private static final List<Tablespace> TABLESPACES =
            List.of(new Tablespace(16400, "/mnt/fast disk"));

    private final PageDamageReport report = new PageDamageReport();

    /** As PostgreSQL 15 words it in the languages it comes in. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "checksum verification failed in file \"./base/5/16384\", block 17: calculated AB3F but expected 12",
                "Prüfsummenüberprüfung fehlgeschlagen in Datei »./base/5/16384«, Block 17: berechnet AB3F, aber erwartet 12",
                "échec de la vérification de la somme de contrôle dans le fichier « ./base/5/16384 », bloc 17 : calculé AB3F, mais attendu 12",
                "ファイル\"./base/5/16384\"のブロック17でチェックサム検証が失敗しました: 計算されたチェックサムはAB3Fですが想定は12です",
                "ошибка контрольной суммы в файле \"./base/5/16384\", блоке 17: вычислено значение AB3F, но ожидалось 12",
                "校验和验证在文件\"./base/5/16384\"中失败，块17 :计算的为AB3F，但应为12",
                "\"./base/5/16384\" 파일  체크섬 검사 실패(해당 블럭 17): 계산된 체크섬 AB3F (기대값 12)",
                "verificación de checksums falló en archivo «./base/5/16384», bloque 17: calculado AB3F pero se esperaba 12",
                "საკონტროლო ჯამის გამოთვლის შეცდომა ფაილში \"./base/5/16384\", ბლოკი \"17\": გამოთვლილი საკონტროლო ჯამია AB3F, მაგრამ მოველოდი: 12"
            })
    void fileAndBlockAreReadInEveryLanguage(String text) {
        add(text);
        assertThat(report.damage())
                .containsExactly(new PageDamage("base/5/16384", Optional.of(17L)));
    }

    @Test
    void aTablespacesFileIsNamedBelowTheDataDirectory() {
        add(
                "checksum verification failed in file \"/mnt/fast disk/PG_18_202506291/5/16390.1\", block 0: calculated 1 but expected 2");
        assertThat(report.damage())
                .containsExactly(
                        new PageDamage(
                                "pg_tblspc/16400/PG_18_202506291/5/16390.1", Optional.of(0L)));
    }

    @Test
    void blocksThatAreNotNamedAreReportedByTheirFile() {
        add("further checksum verification failures in file \"./base/5/1\" will not be reported");
        add("file \"./base/5/1\" has a total of 12 checksum verification failures");
        assertThat(report.damage()).containsExactly(new PageDamage("base/5/1", Optional.empty()));
    }

    @Test
    void damageThatTheServerDoesNotNameIsStillDamage() {
        assertThat(report.damage()).hasSize(1);
        assertThat(report.damage().getFirst().file()).contains("not named");
    }

    @Test
    void onlyWarningsAreKeptAndNotWithoutLimit() {
        report.add(
                new ServerMessage("NOTICE", "00000", "file \"./base/5/1\" is fine", "", ""),
                TABLESPACES);
        assertThat(report.warnings()).isEmpty();
        for (int i = 0; i < 5000; i++) {
            add(
                    "checksum verification failed in file \"./base/5/"
                            + i
                            + "\", block 1: calculated 1 but expected 2");
        }
        assertThat(report.warnings()).hasSize(100);
        assertThat(report.damage()).hasSize(1000);
    }

    private void add(String text) {
        report.add(new ServerMessage("WARNING", "01000", text, "", "sendFile"), TABLESPACES);
    }
}
