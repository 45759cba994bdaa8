package io.cairn.postgres.manifest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.cairn.model.Json;
import io.cairn.model.Lsn;
import io.cairn.model.Sha256;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.manifest.BackupManifest.Summary;
import io.cairn.postgres.manifest.BackupManifest.WalRange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads a manifest's JSON token by token while its checksum is computed. One use. */
final class ManifestParser {

    private static final int NEWEST_VERSION = 2;

    private final Consumer<ManifestFile> files;
    private final List<WalRange> walRanges = new ArrayList<>();
    private int version;
    private Optional<SystemIdentifier> systemIdentifier = Optional.empty();
    private Optional<Sha256> checksum = Optional.empty();

    ManifestParser(Consumer<ManifestFile> files) {
        this.files = files;
    }

    Summary parse(InputStream in) throws IOException {
        AllButLastLine bytes = new AllButLastLine(in);
        try (JsonParser json = Json.mapper().getFactory().createParser(bytes)) {
            require(json.nextToken() == JsonToken.START_OBJECT, "it does not begin with '{'");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                topLevel(json, json.currentName());
            }
            require(
                    json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null,
                    "it does not end with '}'");
        } catch (JsonProcessingException e) {
            throw invalid(e.getOriginalMessage(), e);
        } catch (NumberFormatException e) {
            throw invalid("a number is not one", e);
        }
        Sha256 stated = checksum.orElseThrow(() -> invalid("it has no Manifest-Checksum", null));
        Sha256 computed = bytes.digest();
        require(computed.equals(stated), "its checksum is " + computed + ", it says " + stated);
        return new Summary(version, systemIdentifier, walRanges, stated);
    }

    private void topLevel(JsonParser json, String name) throws IOException {
        json.nextToken();
        switch (name) {
            case "PostgreSQL-Backup-Manifest-Version" -> {
                version = json.getIntValue();
                require(
                        version >= 1 && version <= NEWEST_VERSION,
                        "its version " + version + " is not known");
            }
            case "System-Identifier" -> {
                String text = json.getText();
                systemIdentifier = Optional.of(valid(() -> SystemIdentifier.parse(text)));
            }
            case "Files" -> objects(json, this::file);
            case "WAL-Ranges" -> objects(json, this::walRange);
            case "Manifest-Checksum" -> {
                String text = json.getText();
                checksum = Optional.of(valid(() -> new Sha256(text)));
            }
            default -> throw invalid("it has an unknown member " + name, null);
        }
    }

    @FunctionalInterface
    private interface ObjectReader {
        void read(JsonParser json) throws IOException;
    }

    private static void objects(JsonParser json, ObjectReader reader) throws IOException {
        require(json.currentToken() == JsonToken.START_ARRAY, "a list is not one");
        while (json.nextToken() == JsonToken.START_OBJECT) {
            reader.read(json);
        }
        require(
                json.currentToken() == JsonToken.END_ARRAY,
                "a list holds something else than objects");
    }

    private void file(JsonParser json) throws IOException {
        String path = null;
        long size = -1;
        String algorithm = null;
        String hex = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "Path" -> path = json.getText();
                case "Encoded-Path" -> path = decode(json.getText());
                case "Size" -> size = json.getLongValue();
                case "Last-Modified" -> json.getText();
                case "Checksum-Algorithm" -> algorithm = json.getText();
                case "Checksum" -> hex = json.getText();
                default -> throw invalid("a file has an unknown member " + name, null);
            }
        }
        if (path == null || path.isEmpty() || size < 0) {
            throw invalid("a file has no path or no size", null);
        }
        files.accept(new ManifestFile(path, size, checksum(algorithm, hex)));
    }

    /** Bytes in hexadecimal: {@code Encoded-Path} is for names that are not UTF-8. */
    private static String decode(String hex) {
        byte[] bytes;
        try {
            bytes = HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw invalid("an Encoded-Path is not hexadecimal", e);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            // Every byte is a character there, so different names stay different.
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private static Optional<ManifestFile.Checksum> checksum(
            @Nullable String algorithm, @Nullable String hex) {
        if (algorithm == null && hex == null) {
            return Optional.empty();
        }
        if (algorithm == null || hex == null) {
            throw invalid("a file has half a checksum", null);
        }
        try {
            return Optional.of(
                    new ManifestFile.Checksum(ChecksumAlgorithm.valueOf(algorithm), hex));
        } catch (IllegalArgumentException e) {
            throw invalid("its checksum algorithm " + algorithm + " is not known", e);
        }
    }

    private void walRange(JsonParser json) throws IOException {
        int timeline = 0;
        String start = "";
        String end = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "Timeline" -> timeline = json.getIntValue();
                case "Start-LSN" -> start = json.getText();
                case "End-LSN" -> end = json.getText();
                default -> throw invalid("a WAL range has an unknown member " + name, null);
            }
        }
        walRanges.add(walRange(timeline, start, end));
    }

    private static WalRange walRange(int timeline, String start, String end) {
        return valid(() -> new WalRange(new Timeline(timeline), Lsn.parse(start), Lsn.parse(end)));
    }

    /** A value whose text the model refuses was not written by the server. */
    private static <T> T valid(Supplier<T> value) {
        try {
            return value.get();
        } catch (CairnException e) {
            throw invalid(e.getMessage(), e);
        }
    }

    private static void require(boolean valid, String otherwise) {
        if (!valid) {
            throw invalid(otherwise, null);
        }
    }

    static CairnException invalid(String reason, @Nullable Throwable cause) {
        return new CairnException(
                ErrorCode.MANIFEST_MISMATCH,
                "the backup_manifest is not what the server wrote: " + reason,
                "use another copy of this backup, or another backup",
                cause);
    }
}
