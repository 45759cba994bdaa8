package io.cairn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.error.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ObjectContentTest {

    private static final ObjectKey KEY = new ObjectKey("a/b");

    private static ObjectContent content(byte[] received, int announced) {
        ObjectInfo info =
                new ObjectInfo(
                        KEY,
                        announced,
                        Optional.empty(),
                        Instant.EPOCH,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Map.of());
        return ObjectContent.of(info, announced, new ByteArrayInputStream(received));
    }

    @Property
    void anEarlyEndIsAnErrorWhereverItIs(
            @ForAll @Size(min = 1, max = 50) byte[] bytes,
            @ForAll @IntRange(min = 1, max = 20) int missing) {
        ObjectContent content = content(bytes, bytes.length + missing);

        assertThatThrownBy(() -> content.stream().readAllBytes())
                .satisfies(ObjectStoreContract.error(ErrorCode.STORE_UNREACHABLE));
    }

    @Property
    void noMoreIsReadThanWasAnnounced(
            @ForAll @Size(min = 5, max = 50) byte[] bytes,
            @ForAll @IntRange(min = 0, max = 5) int announced)
            throws IOException {
        assertThat(content(bytes, announced).stream().readAllBytes()).hasSize(announced);
    }

    /** Whatever the sizes of the reads, the last byte of wrong bytes is never seen. */
    @Property
    void wrongBytesNeverCompleteWhateverTheReads(
            @ForAll @Size(min = 1, max = 50) byte[] bytes,
            @ForAll @IntRange(min = 1, max = 60) int readBytes) {
        ObjectContent content =
                content(bytes, bytes.length).expecting(bytes.length, Sha256.of(new byte[100]));
        ByteArrayOutputStream seen = new ByteArrayOutputStream();

        assertThatThrownBy(() -> pump(content.stream(), seen, readBytes))
                .satisfies(ObjectStoreContract.error(ErrorCode.STORE_OBJECT_DIFFERS));
        assertThat(seen.size()).isLessThan(bytes.length);
    }

    @Property
    void rightBytesCompleteWhateverTheReads(
            @ForAll @Size(max = 50) byte[] bytes,
            @ForAll @IntRange(min = 1, max = 60) int readBytes)
            throws IOException {
        ObjectContent content =
                content(bytes, bytes.length).expecting(bytes.length, Sha256.of(bytes));
        ByteArrayOutputStream seen = new ByteArrayOutputStream();

        pump(content.stream(), seen, readBytes);

        assertThat(seen.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void anEmptyObjectIsCheckedToo() {
        assertThatThrownBy(() -> content(new byte[0], 0).expecting(0, Sha256.of(new byte[1])))
                .satisfies(ObjectStoreContract.error(ErrorCode.STORE_OBJECT_DIFFERS));
    }

    private static void pump(InputStream from, ByteArrayOutputStream to, int readBytes)
            throws IOException {
        byte[] buffer = new byte[readBytes];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            to.write(buffer, 0, count);
        }
    }
}
