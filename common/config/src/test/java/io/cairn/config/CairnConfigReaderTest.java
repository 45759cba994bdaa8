package io.cairn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.config.ClusterConfig.TlsMode;
import io.cairn.model.BackupKind;
import io.cairn.model.ClusterName;
import io.cairn.model.StoreName;
import io.cairn.model.Tier;
import io.cairn.model.archival.ArchiveMoment;
import io.cairn.model.archival.ArchiveRule;
import io.cairn.model.archival.StorageClass;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.model.policy.BackupSchedule;
import io.cairn.model.policy.CatchUp;
import io.cairn.model.policy.MaintenanceKind;
import io.cairn.model.policy.MaintenanceSchedule;
import io.cairn.model.policy.ObjectLockMode;
import io.cairn.model.policy.TierPolicy;
import io.cairn.model.policy.WalPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CairnConfigReaderTest {

    private static final String MINIMAL =
            """
            clusters:
              shop: {tier: oltp, hosts: [127.0.0.1], tls: {mode: disable}}
            stores:
              primary: {bucket: a}
              secondary: {bucket: b}
            """;

    @TempDir Path folder;

    @Test
    void theDefaultsAreTheRequirementsSchedule() {
        CairnConfig config = read(MINIMAL);

        assertThat(schedules(config, Tier.OLTP))
                .isEqualTo(Map.of("full", "0 2 * * *", "incremental", "0 * * * *"));
        assertThat(schedules(config, Tier.CONTENT))
                .isEqualTo(Map.of("full", "0 3 * * *", "incremental", "30 */4 * * *"));
        assertThat(schedules(config, Tier.QUEUE))
                .isEqualTo(Map.of("full", "0 1 * * *", "log", "15 * * * *"));
        assertThat(schedules(config, Tier.OLAP))
                .isEqualTo(Map.of("full", "0 4 * * *", "snapshot", "0 6 * * 0"));
        assertThat(
                        config.maintenance().stream()
                                .collect(
                                        Collectors.toMap(
                                                MaintenanceSchedule::kind,
                                                MaintenanceSchedule::cron)))
                .isEqualTo(
                        Map.of(
                                MaintenanceKind.VALIDATION, "0 5 * * *",
                                MaintenanceKind.MONITORING_CHECK, "45 * * * *",
                                MaintenanceKind.RETENTION_CLEANUP, "0 8 * * 0",
                                MaintenanceKind.SYNC_VALIDATION, "0 10 * * 0"));
    }

    @ParameterizedTest
    @CsvSource({
        "OLTP,    90,  15m,  15m, primary+secondary, 6, 90",
        "CONTENT, 180, 30m,  1h,  primary+archive,   9, 30",
        "QUEUE,   30,  5m,   0s,  primary+secondary, 6, 30",
        "OLAP,    365, 2h,   24h, primary+archive,   6, 14",
    })
    void theDefaultsAreTheRequirementsPromises(
            Tier tier,
            int retentionDays,
            String rto,
            String rpo,
            String copies,
            int gzipLevel,
            int windowDays) {
        TierPolicy policy = read(MINIMAL).policy(tier);

        assertThat(policy.run().retention()).isEqualTo(Duration.ofDays(retentionDays));
        assertThat(policy.run().rto()).isEqualTo(Units.duration(rto));
        assertThat(policy.run().rpo()).isEqualTo(Units.duration(rpo));
        assertThat(
                        policy.run().copies().stream()
                                .map(StoreName::value)
                                .collect(Collectors.joining("+")))
                .isEqualTo(copies);
        assertThat(policy.run().gzipLevel()).isEqualTo(gzipLevel);
        assertThat(policy.run().volumeBytes()).isEqualTo(64L << 20);
        assertThat(policy.pointInTimeWindow()).isEqualTo(Duration.ofDays(windowDays));
        assertThat(policy.schedules())
                .allSatisfy(schedule -> {
                    if (schedule.kind() == BackupKind.FULL) {
                        assertThat(schedule.catchUp()).isEqualTo(CatchUp.LATEST);
                    }
                });
    }

    @Test
    void archivesByDefaultWhatTheRequirementSays() {
        CairnConfig config = read(MINIMAL);

        assertThat(config.policy(Tier.CONTENT).archive())
                .containsExactly(
                        new ArchiveRule(
                                new StoreName("archive"),
                                Set.of(),
                                StorageClass.GLACIER,
                                new ArchiveMoment.Age(Duration.ofDays(30))));
        assertThat(config.policy(Tier.OLAP).archive())
                .containsExactly(
                        new ArchiveRule(
                                new StoreName("archive"),
                                Set.of(BackupKind.SNAPSHOT),
                                StorageClass.DEEP_ARCHIVE,
                                new ArchiveMoment.Drill()));
        assertThat(config.policy(Tier.OLTP).archive()).isEmpty();
    }

    @Test
    void readsTheDocumentedExample() throws IOException {
        String page = Files.readString(Path.of("../../docs/configuration.md"));
        int begin = page.indexOf("```yaml") + "```yaml".length();

        CairnConfig config = read(page.substring(begin, page.indexOf("```", begin)));

        ClusterConfig shop = config.cluster(new ClusterName("shop"));
        assertThat(shop.hosts())
                .containsExactly(
                        new HostPort("db1.example.com", 5432),
                        new HostPort("db2.example.com", 5432));
        assertThat(shop.password()).contains(new SecretReference("env:SHOP_PASSWORD"));
        assertThat(shop.tls().mode()).isEqualTo(TlsMode.VERIFY_FULL);
        assertThat(shop.tls().rootCertificate())
                .contains(folder.resolve("certificates/databases.pem"));
        assertThat(shop.maxRateKilobytes()).contains(102_400);
        StoreConfig archive = config.store(new StoreName("archive"));
        assertThat(archive.endpoint()).contains(URI.create("https://s3.example.com:9000"));
        assertThat(archive.pathStyle()).isTrue();
        assertThat(archive.secretAccessKey())
                .contains(new SecretReference("file:" + folder.resolve("secrets/archive")));
        assertThat(config.store(new StoreName("primary")).pathStyle()).isFalse();
        assertThat(config.keys().recipients())
                .containsExactly(
                        folder.resolve("certificates/recovery.pem"),
                        folder.resolve("certificates/validator.pem"));
        assertThat(config.keys().signer().orElseThrow().file())
                .isEqualTo(folder.resolve("executor.p12"));
        assertThat(config.policy(Tier.OLTP).run().retention()).isEqualTo(Duration.ofDays(120));
        assertThat(config.policy(Tier.OLTP).run().gzipLevel()).isEqualTo(7);
        assertThat(config.policy(Tier.OLTP).run().rto())
                .as("untouched")
                .isEqualTo(Duration.ofMinutes(15));
        assertThat(schedules(config, Tier.OLTP)).containsEntry("incremental", "*/30 * * * *");
        assertThat(config.postgres()).isEqualTo(Map.of(18, Path.of("/usr/lib/postgresql/18")));
        assertThat(config.catalog()).contains(URI.create("http://catalog.example.com:18080"));
    }

    @Test
    void whatIsSaidOfTheWalReplacesTheTiersDefaultKeyByKey() {
        CairnConfig config =
                read(
                        MINIMAL
                                + "tiers:\n  oltp: {wal: {piece: {after: 2s, bytes: 1MiB}}}\n"
                                + "  queue: {wal: {synchronous: false}}\n");

        assertThat(config.policy(Tier.OLTP).wal())
                .isEqualTo(new WalPolicy(Duration.ofSeconds(2), 1 << 20, false));
        assertThat(config.policy(Tier.QUEUE).wal())
                .isEqualTo(new WalPolicy(Duration.ofSeconds(10), 16 << 20, false));
    }

    @Test
    void aTierIsLockedWhereTheFileSaysSo() {
        CairnConfig config =
                read(
                        MINIMAL
                                + "tiers:\n  oltp: {lock: governance}\n  olap: {lock: compliance}\n"
                                + "  queue: {lock: none}\n");

        assertThat(config.policy(Tier.OLTP).lock()).contains(ObjectLockMode.GOVERNANCE);
        assertThat(config.policy(Tier.OLAP).lock()).contains(ObjectLockMode.COMPLIANCE);
        assertThat(config.policy(Tier.QUEUE).lock()).isEmpty();
        assertThat(config.policy(Tier.CONTENT).lock()).isEmpty();
    }

    @Test
    void theDocumentedPoliciesAreThoseInForce() throws IOException {
        String page = Files.readString(Path.of("../../docs/configuration.md"));
        CairnConfig config = read(MINIMAL);

        for (Tier tier : Tier.values()) {
            for (BackupSchedule schedule : config.policy(tier).schedules()) {
                String[] cronAndDeadline = documented(page, schedule.kind().id(), tier).split(", ");
                assertThat(cronAndDeadline).hasSize(2);
                assertThat(cronAndDeadline[0]).isEqualTo("`" + schedule.cron() + "`");
                assertThat(Units.duration(cronAndDeadline[1])).isEqualTo(schedule.startDeadline());
                assertThat(schedule.catchUp()).isEqualTo(CatchUp.LATEST);
            }
            assertThat(Units.duration(documented(page, "`retention`", tier)))
                    .isEqualTo(config.policy(tier).run().retention());
            assertThat(Units.duration(documented(page, "`rto`", tier)))
                    .isEqualTo(config.policy(tier).run().rto());
            assertThat(Units.duration(documented(page, "`rpo`", tier)))
                    .isEqualTo(config.policy(tier).run().rpo());
            assertThat(Units.duration(documented(page, "`pointInTimeWindow`", tier)))
                    .isEqualTo(config.policy(tier).pointInTimeWindow());
            WalPolicy wal = config.policy(tier).wal();
            assertThat(Units.duration(documented(page, "`wal.piece.after` (100 ms to 1 d)", tier)))
                    .isEqualTo(wal.pieceAfter());
            assertThat(Units.size(documented(page, "`wal.piece.bytes` (64 KiB to 1 GiB)", tier)))
                    .isEqualTo(wal.pieceBytes());
            assertThat(documented(page, "`wal.synchronous`", tier))
                    .isEqualTo(Boolean.toString(wal.synchronous()));
        }
        for (MaintenanceSchedule schedule : config.maintenance()) {
            assertThat(page)
                    .contains("| `" + schedule.kind().id() + "` | `" + schedule.cron() + "` | ");
        }
    }

    /** The cell of a tier in the row of the policy table that begins with {@code row}. */
    private static String documented(String page, String row, Tier tier) {
        String table = page.substring(page.indexOf("## `tiers.<tier>`"));
        String line =
                table.lines()
                        .filter(it -> it.startsWith("| " + row + " |"))
                        .findFirst()
                        .orElseThrow();
        return line.split("\\|")[2 + tier.ordinal()].strip();
    }

    @Test
    void oneStoreIsEnoughWhenThePolicySaysSo() {
        CairnConfig config =
                read(
                        """
                        clusters:
                          shop: {tier: oltp, hosts: [db], tls: {mode: disable}}
                        stores:
                          here: {bucket: a}
                        tiers:
                          oltp: {copies: [here]}
                        """);

        assertThat(config.policy(Tier.OLTP).run().active()).isEqualTo(new StoreName("here"));
    }

    @Test
    void anEmptyFileProtectsNothing() {
        CairnConfig config = read("# nothing yet\n");

        assertThat(config.clusters()).isEmpty();
        assertThat(config.stores()).isEmpty();
        assertThat(config.policy(Tier.QUEUE).run().rpo()).isZero();
    }

    @Test
    void clustersKeepTheirOrder() {
        CairnConfig config =
                read(
                        MINIMAL.replace(
                                "clusters:",
                                "clusters:\n  zoo: {tier: oltp, hosts: [db], tls: {mode: disable}}"));

        assertThat(config.clusters().sequencedKeySet())
                .containsExactly(new ClusterName("zoo"), new ClusterName("shop"));
    }

    @Test
    void anUnknownKeyIsRefusedWithItsPlaceAndTheNearestKnownKey() {
        CairnException e = refused(MINIMAL + "tiers:\n  oltp:\n    retension: 90d\n");

        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_UNKNOWN_KEY);
        assertThat(e).hasMessage(file() + ", line 8: unknown key tiers.oltp.retension");
        assertThat(e.hint()).contains("did you mean 'retention'?");
    }

    @Test
    void aTypoInATiersNameIsRefusedWithTheNearest() {
        CairnException e = refused(MINIMAL + "tiers:\n  oltq: {retention: 90d}\n");

        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_UNKNOWN_KEY);
        assertThat(e).hasMessage(file() + ", line 7: unknown key tiers.oltq");
        assertThat(e.hint()).contains("did you mean 'oltp'?");
    }

    @Test
    void aStoreOfThePolicyThatIsNotConfiguredIsRefusedWithWhatToAdd() {
        CairnException byDefault = refused(MINIMAL.replace("secondary:", "tertiary:"));
        CairnException written = refused(MINIMAL + "tiers:\n  olap: {copies: [nowhere]}\n");

        assertThat(byDefault.hint()).contains("add stores.secondary, or set tiers.oltp.copies");
        assertThat(written.hint()).contains("add it under stores:");
    }

    @Test
    void aKeyInSnakeCaseIsUnderstoodForTheHint() {
        CairnException e = refused(MINIMAL.replace("mode: disable", "root_certificate: x"));

        assertThat(e.hint()).contains("did you mean 'rootCertificate'?");
    }

    @Test
    void anUnknownKeyThatIsLikeNoneGetsTheList() {
        CairnException e = refused("everything: else\n");

        assertThat(e.hint())
                .contains(
                        "known here: clusters, stores, keys, tiers, maintenance, postgres, catalog");
    }

    @Test
    void aRepeatedKeyIsRefused() {
        CairnException e = refused(MINIMAL + "  primary: {bucket: c}\n");

        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(e).hasMessage(file() + ", line 6: stores.primary is there twice");
        assertThat(e.hint()).contains("keep one; the first is in line 4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tier: oltp           | tier: gold          | line 2: clusters.shop.tier: 'gold' is not a tier",
                "hosts: [127.0.0.1]   | hosts: 127.0.0.1    | line 2: clusters.shop.hosts: must be a list, is '127.0.0.1'",
                "hosts: [127.0.0.1]   | hosts: []           | line 2: clusters.shop.hosts: must name at least one host",
                "hosts: [127.0.0.1]   | hosts: ['db:x']     | line 2: clusters.shop.hosts[0]: 'db:x' is not an address",
                "shop:                | sh/op:              | line 2: clusters.sh/op: 'sh/op' is not a cluster name",
                "tls: {mode: disable} | tls: {mode: prefer} | line 2: clusters.shop.tls.mode: 'prefer' is not disable, require, verify-ca or verify-full",
                "tls: {mode: disable} | tls: disable        | line 2: clusters.shop.tls: must be a mapping, is 'disable'",
                "tls: {mode: disable} | user: x             | line 2: clusters.shop.tls: mode verify-full, the default, needs rootCertificate",
                "tls: {mode: disable} | password: hunter2   | line 2: clusters.shop.password: a secret must be given by reference",
                "tier: oltp,          | tier: oltp, maxRate: 2GiB, | line 2: clusters.shop.maxRate: must be 32KiB to 1GiB (per second)",
                "tier: oltp,          | tier: oltp, maxRate: 10MB, | line 2: clusters.shop.maxRate: '10MB' is not a size like 512KiB, 64MiB or 1GiB",
                "tier: oltp,          | ''                  | line 2: clusters.shop.tier is missing",
                "bucket: a            | bucket:             | line 4: stores.primary.bucket: must be text, is empty",
                "bucket: a            | bucket: b           | line 5: stores.secondary: is the same bucket as stores.primary",
                "bucket: a            | bucket: a, endpoint: here | line 4: stores.primary.endpoint: 'here' is not an endpoint",
                "bucket: a            | bucket: a, accessKeyId: env:A | line 4: stores.primary: accessKeyId and secretAccessKey belong together",
                "bucket: a            | bucket: a, pathStyle: yes | line 4: stores.primary.pathStyle: must be true or false, is 'yes'",
                "secondary:           | tertiary:           | line 2: clusters.shop: tier oltp keeps a copy in 'secondary', and there is no such store",
            })
    void aMistakeIsOneLineWithItsPlace(String right, String wrong, String message) {
        CairnException e = refused(MINIMAL.replace(right, wrong));

        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(e).hasMessage(file() + ", " + message);
        assertThat(e.messageWithHint()).doesNotContain("\n", "hunter2");
    }

    /** {@code cairn check} wants no more, and deploy/local/up has stores and keys of its own. */
    @Test
    void aFileOfClustersAloneNeedsNoStores() {
        CairnConfig config = read(MINIMAL.substring(0, MINIMAL.indexOf("stores:")));

        assertThat(config.stores()).isEmpty();
        assertThat(config.cluster(new ClusterName("shop")).tier()).isEqualTo(Tier.OLTP);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "url: catalog | line 6: catalog.url: 'catalog' is not an address",
                "url: 'http://me:hunter2@c' | line 6: catalog.url: an address carries no credentials",
            })
    void aCatalogsAddressThatIsNoneIsRefused(String url, String message) {
        CairnException e = refused(MINIMAL + "catalog: {" + url + "}\n");

        assertThat(e).hasMessage(file() + ", " + message);
        assertThat(e.messageWithHint()).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "oltp: {gzipLevel: 5}               | line 7: tiers.oltp.gzipLevel: must be a number from 6 to 9, is '5'",
                "oltp: {retention: 90 days}         | line 7: tiers.oltp.retention: '90 days' is not a duration like 30s, 15m, 6h or 90d",
                "oltp: {retention: 90}              | line 7: tiers.oltp.retention: '90' is not a duration like 30s, 15m, 6h or 90d",
                "oltp: {retention: 0d}              | line 7: tiers.oltp: retention must be positive",
                "oltp: {retention: 30d}             | line 7: tiers.oltp: pointInTimeWindow must not be longer than retention",
                "oltp: {volumeSize: 1MiB}           | line 7: tiers.oltp: volumeBytes must be 8 MiB to 1 GiB",
                "oltp: {wal: {piece: {after: 50ms}}} | line 7: tiers.oltp.wal: after must be 100 ms to 1 d",
                "oltp: {wal: {piece: {bytes: 2GiB}}} | line 7: tiers.oltp.wal: bytes must be 64 KiB to 1 GiB",
                "oltp: {wal: {piece: {age: 10s}}}    | line 7: unknown key tiers.oltp.wal.piece.age",
                "oltp: {wal: {synchronous: perhaps}} | line 7: tiers.oltp.wal.synchronous: must be true or false, is 'perhaps'",
                "oltp: {lock: strict}               | line 7: tiers.oltp.lock: 'strict' is not a mode of Object Lock",
                "oltp: {lock: compliance, retention: 36501d} | line 7: tiers.oltp: a lock of 36501d is longer than S3 knows",
                "olap: {archive: [{store: elsewhere, storageClass: GLACIER, after: 30d}]} | line 7: tiers.olap: archive names 'elsewhere', which is not among copies",
                "olap: {archive: [{store: archive, storageClass: GLACIER, after: 400d}]} | line 7: tiers.olap: archive would move volumes after 400d, when they have expired",
                "olap: {archive: [{store: archive, storageClass: GLACIER, after: soon}]} | line 7: tiers.olap.archive[0].after: 'soon' is not upload, drill or a number of days like 30d",
                "olap: {archive: [{store: archive, storageClass: COLD, after: 30d}]} | line 7: tiers.olap.archive[0].storageClass: 'COLD' is not a storage class",
                "olap: {archive: [{store: archive, storageClass: STANDARD_IA, after: 7d}]} | line 7: tiers.olap.archive[0]: S3 moves nothing to STANDARD_IA before 30d",
                "olap: {archive: [{store: primary, storageClass: GLACIER, after: upload}]} | line 7: tiers.olap: archive puts the first copy in GLACIER at upload",
                "olap: {archive: [{store: archive, storageClass: GLACIER, after: 7d}, {store: archive, kinds: [full], storageClass: DEEP_ARCHIVE, after: 9d}]} | line 7: tiers.olap: archive has two rules for the same volumes in 'archive'",
                "oltp: {copies: []}                 | line 7: tiers.oltp: copies must name at least one store",
                "oltp: {copies: [primary, primary]} | line 7: tiers.oltp: copies must not name a store twice",
                "olap: {copies: [nowhere]}          | line 7: tiers.olap.copies: there is no store 'nowhere'",
                "gold: {copies: [primary]}          | line 7: unknown key tiers.gold",
                "oltp: {schedules: [{kind: full, cron: '0 25 * * *', startDeadline: 1h}]} | line 7: tiers.oltp.schedules[0].cron: '25' in '0 25 * * *' is no hour of cron, 0 to 23",
                "oltp: {schedules: [{kind: full, cron: '0 2 * *', startDeadline: 1h}]} | line 7: tiers.oltp.schedules[0].cron: '0 2 * *' is not five fields of cron: minute hour day-of-month month day-of-week, in UTC",
                "oltp: {schedules: [{kind: full, cron: '0 2 * * *'}]} | line 7: tiers.oltp.schedules[0].startDeadline is missing",
                "oltp: {schedules: [{kind: some, cron: '0 2 * * *', startDeadline: 1h}]} | line 7: tiers.oltp.schedules[0].kind: 'some' is not a kind of backup",
                "oltp: {schedules: [{kind: full, cron: '0 2 * * *', startDeadline: 1h, catchUp: some}]} | line 7: tiers.oltp.schedules[0].catchUp: 'some' is not latest, all or none",
            })
    void aMistakeInAPolicyIsOneLineWithItsPlace(String policy, String message) {
        CairnException e = refused(MINIMAL + "tiers:\n  " + policy + "\n");

        assertThat(e).hasMessage(file() + ", " + message);
    }

    @Test
    void whatIsNotYamlIsRefusedInOneLine() {
        CairnException e = refused("clusters: [\n");

        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(e.getMessage()).startsWith(file() + ", line 2: not YAML: ").doesNotContain("\n");
    }

    @Test
    void aMissingFileNamesTheVariable() {
        CairnException e =
                catchThrowableOfType(
                        CairnException.class,
                        () -> CairnConfigReader.read(folder.resolve("nowhere.yaml")));

        assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
        assertThat(e.hint()).contains("set CAIRN_CONFIG to the path of cairn.yaml");
    }

    @Test
    void anEndpointWithCredentialsIsRefusedWithoutRepeatingThem() {
        CairnException e =
                refused(
                        MINIMAL.replace(
                                "bucket: a",
                                "bucket: a, endpoint: 'https://me:hunter2@s3.example.com'"));

        assertThat(e.messageWithHint())
                .contains("carries no credentials")
                .doesNotContain("hunter2");
    }

    private CairnConfig read(String yaml) {
        try {
            return CairnConfigReader.read(Files.writeString(file(), yaml));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private CairnException refused(String yaml) {
        CairnException e = catchThrowableOfType(CairnException.class, () -> read(yaml));
        assertThat(e).as("must be refused: %s", yaml).isNotNull();
        return e;
    }

    private Path file() {
        return folder.resolve("cairn.yaml");
    }

    private static Map<String, String> schedules(CairnConfig config, Tier tier) {
        List<BackupSchedule> schedules = config.policy(tier).schedules();
        return schedules.stream()
                .collect(Collectors.toMap(it -> it.kind().id(), BackupSchedule::cron));
    }

    @Test
    void aTiersClusterWithoutPasswordHasNone() {
        assertThat(read(MINIMAL).cluster(new ClusterName("shop")).password())
                .isEqualTo(Optional.empty());
    }

    @Test
    void anIdentityIsAFileOrAKeyInKms() {
        CairnConfig config =
                read(
                        MINIMAL
                                + """
                                keys:
                                  identity:
                                    kms: {keyId: alias/backups, region: eu-central-1, certificate: kms.pem}
                                """);

        assertThat(config.keys().identity())
                .contains(
                        new KeysConfig.KmsKey(
                                "alias/backups",
                                "eu-central-1",
                                Optional.empty(),
                                Optional.of(folder.resolve("kms.pem")),
                                Optional.empty(),
                                Optional.empty()));
        assertThat(identityRefused("{kms: {keyId: a, region: b}, file: x.p12}"))
                .hasMessageContaining("exclude each other");
        assertThat(identityRefused("{kms: {keyId: a}}")).hasMessageContaining("region");
        assertThat(identityRefused("{kms: {keyId: a, region: b, accessKeyId: \"env:A\"}}"))
                .hasMessageContaining("belong together");
        assertThat(identityRefused("{file: x.p12}")).hasMessageContaining("password");
    }

    private CairnException identityRefused(String identity) {
        return catchThrowableOfType(
                CairnException.class, () -> read(MINIMAL + "keys: {identity: " + identity + "}\n"));
    }
}
