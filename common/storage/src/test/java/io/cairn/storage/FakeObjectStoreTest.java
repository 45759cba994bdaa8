package io.cairn.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.model.ObjectKey;
import io.cairn.model.error.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FakeObjectStoreTest {

    @Nested
    class Locking extends ObjectStoreContract {

        private Instant now = Instant.parse("2026-11-22T02:00:00Z");
        private final FakeObjectStore store =
                FakeObjectStore.locking("locking", () -> now).copyingByItself();
        private final FakeObjectStore sibling = FakeObjectStore.plain("sibling");

        @Override
        protected ObjectStore store() {
            return store;
        }

        @Override
        protected Optional<ObjectStore> sibling() {
            return Optional.of(sibling);
        }

        @Override
        protected boolean hasObjectLock() {
            return true;
        }

        @Override
        protected boolean verifiesDigests() {
            return true;
        }

        @Override
        protected Instant now() {
            return now;
        }

        @Override
        protected void pass(Duration time) {
            now = now.plus(time);
        }
    }

    @Nested
    class Plain extends ObjectStoreContract {

        private final FakeObjectStore store = FakeObjectStore.plain("plain").copyingByItself();
        private final FakeObjectStore sibling = FakeObjectStore.plain("sibling");

        @Override
        protected ObjectStore store() {
            return store;
        }

        @Override
        protected boolean hasArchive() {
            return false;
        }

        @Override
        protected Optional<ObjectStore> sibling() {
            return Optional.of(sibling);
        }

        @Override
        protected boolean hasObjectLock() {
            return false;
        }

        @Override
        protected boolean verifiesDigests() {
            return true;
        }

        @Override
        protected void pass(Duration time) {
            throw new UnsupportedOperationException();
        }
    }

    @Nested
    class Faults {

        private final FakeObjectStore store = FakeObjectStore.plain("faulty");
        private final ObjectKey key = new ObjectKey("a/b");
        private final ObjectBody body = ObjectBody.of(new byte[100]);

        @Test
        void failsAtTheCallThatWasNamedAndDoesNothing() {
            store.failAt(2, ErrorCode.STORE_UNAVAILABLE);

            assertThat(store.head(key)).isEmpty();
            assertThatThrownBy(() -> store.putIfAbsent(key, body))
                    .satisfies(ObjectStoreContract.error(ErrorCode.STORE_UNAVAILABLE));

            assertThat(store.head(key)).isEmpty();
            assertThat(store.calls())
                    .extracting(FakeObjectStore.Call::method)
                    .containsExactly("head", "putIfAbsent", "head");
        }

        @Test
        void losesAnAnswerAfterTheWorkIsDone() {
            store.loseAnswerAt(1);

            assertThatThrownBy(() -> store.putIfAbsent(key, body))
                    .satisfies(ObjectStoreContract.error(ErrorCode.STORE_UNREACHABLE));

            assertThat(store.putIfAbsent(key, body)).isInstanceOf(PutOutcome.AlreadyPresent.class);
        }

        @Test
        void breaksOffReads() {
            store.putIfAbsent(key, body).orThrow();
            store.truncateReads(1, 50);

            try (ObjectContent content = store.get(key)) {
                assertThatThrownBy(() -> content.stream().readAllBytes())
                        .satisfies(ObjectStoreContract.error(ErrorCode.STORE_UNREACHABLE));
            }
        }

        @Test
        void readsAWholeObjectAgainWhereItBrokeOff() {
            store.putIfAbsent(key, body).orThrow();
            store.truncateReads(2, 50);

            assertThat(store.read(key, 100)).hasSize(100);
        }

        @Test
        void givesUpReadingAfterThreeTries() {
            store.putIfAbsent(key, body).orThrow();
            store.truncateReads(Reads.ATTEMPTS, 50);

            assertThatThrownBy(() -> store.read(key, 100))
                    .satisfies(ObjectStoreContract.error(ErrorCode.STORE_UNREACHABLE));
        }

        @Test
        void answersFromThePastForAWhile() {
            store.putIfAbsent(key, body).orThrow();
            store.staleReads(1);

            assertThat(store.head(key)).isEmpty();
            assertThat(store.head(key)).isPresent();
        }

        @Test
        void refusesAKeyBelowAnotherAndAboveIt() {
            store.putIfAbsent(key, body).orThrow();

            assertThatThrownBy(() -> store.putIfAbsent(new ObjectKey("a/b/c"), body))
                    .satisfies(ObjectStoreContract.error(ErrorCode.STORE_ERROR));
            assertThatThrownBy(() -> store.putIfAbsent(new ObjectKey("a"), body))
                    .satisfies(ObjectStoreContract.error(ErrorCode.STORE_ERROR));
        }
    }
}
