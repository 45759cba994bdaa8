package io.cairn.storage.s3;

import io.cairn.model.ObjectKey;
import io.cairn.model.Sha256;
import io.cairn.model.backup.StoredObject;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCategory;
import io.cairn.model.error.ErrorCode;
import io.cairn.storage.ObjectContent;
import io.cairn.storage.ObjectInfo;
import io.cairn.storage.PutOptions;
import io.cairn.storage.PutOutcome;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Copies from one bucket to another by the store itself, once the store has proven that it never
 * overwrites: a copy onto an object that is there must be refused. Thread-safe.
 */
final class ServerSideCopy {

    private static final int PRECONDITION_FAILED = 412;

    private final S3ObjectStore target;
    private final S3ObjectStore source;
    private State state = new Untried();

    ServerSideCopy(S3ObjectStore target, S3ObjectStore source) {
        this.target = target;
        this.source = source;
    }

    private sealed interface State {}

    private record Untried() implements State {}

    /** This object was left to the caller to stream, and is to be copied over itself. */
    private record Candidate(StoredObject object) implements State {}

    private record Proven() implements State {}

    private record Impossible() implements State {}

    Optional<PutOutcome> copyIfAbsent(StoredObject object, PutOptions options) {
        if (!isProven(object)) {
            return Optional.empty();
        }
        Optional<PutOutcome> present = present(object);
        return present.isPresent() ? present : copy(object, options);
    }

    private synchronized boolean isProven(StoredObject object) {
        state =
                switch (state) {
                    case Untried _ -> new Candidate(object);
                    case Candidate(StoredObject candidate) -> prove(candidate, object);
                    case Proven proven -> proven;
                    case Impossible impossible -> impossible;
                };
        return state instanceof Proven;
    }

    private State prove(StoredObject candidate, StoredObject next) {
        if (!isThere(candidate.key())) {
            return new Candidate(next);
        }
        try {
            target.copyObject(source, candidate, PutOptions.NONE);
            return new Impossible();
        } catch (S3Exception e) {
            if (e.statusCode() == PRECONDITION_FAILED) {
                return new Proven();
            }
            CairnException error = target.translate(e, "copying " + candidate.key());
            return error.category() == ErrorCategory.TRANSIENT
                    ? new Candidate(candidate)
                    : new Impossible();
        } catch (SdkException e) {
            return new Candidate(candidate);
        }
    }

    private boolean isThere(ObjectKey key) {
        return target.head(key).isPresent();
    }

    private Optional<PutOutcome> present(StoredObject object) {
        return target.head(object.key()).map(info -> outcome(info, object));
    }

    private static PutOutcome outcome(ObjectInfo info, StoredObject object) {
        return isThatOne(info, object)
                ? new PutOutcome.AlreadyPresent(info)
                : new PutOutcome.Different(info);
    }

    private static boolean isThatOne(ObjectInfo info, StoredObject object) {
        return info.length() == object.length()
                && info.sha256().filter(object.sha256()::equals).isPresent();
    }

    private Optional<PutOutcome> copy(StoredObject object, PutOptions options) {
        String what = "copying " + object.key() + " from store '" + source.name() + "'";
        Optional<Sha256> told;
        try {
            told = target.copyObject(source, object, options);
        } catch (S3Exception e) {
            if (e.statusCode() == PRECONDITION_FAILED) {
                return present(object);
            }
            CairnException error = target.translate(e, what);
            return switch (error.code()) {
                // What is streamed needs fewer rights: those of reading are the source's alone.
                case STORE_ACCESS_DENIED, STORE_ERROR -> Optional.empty();
                default -> throw error;
            };
        } catch (SdkException e) {
            throw target.translate(e, what);
        }
        return Optional.of(new PutOutcome.Created(checked(object, told)));
    }

    /** The copy, of which the store has told what it says of it and what its bytes are. */
    private ObjectInfo checked(StoredObject object, Optional<Sha256> told) {
        ObjectInfo info =
                target.head(object.key())
                        .orElseThrow(() ->
                                new CairnException(
                                        ErrorCode.STORE_OBJECT_MISSING,
                                        "the copy of "
                                                + object.key()
                                                + " just made is not in store '"
                                                + target.name()
                                                + "'",
                                        "see the store's log"));
        if (!isThatOne(info, object)) {
            throw differs(
                    object,
                    "has "
                            + info.length()
                            + " bytes and says digest "
                            + info.sha256().map(Sha256::hex).orElse("nothing"));
        }
        if (told.isEmpty()) {
            read(object);
        } else if (!told.get().equals(object.sha256())) {
            throw differs(object, "has digest " + told.get());
        }
        return info;
    }

    private void read(StoredObject object) {
        try (ObjectContent content = target.get(object)) {
            content.stream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new CairnException(
                    ErrorCode.STORE_UNREACHABLE,
                    "cannot read the copy of " + object.key() + " in store '" + target.name() + "'",
                    "try again",
                    e);
        }
    }

    private CairnException differs(StoredObject object, String what) {
        return new CairnException(
                ErrorCode.STORE_OBJECT_DIFFERS,
                "the copy of "
                        + object.key()
                        + " in store '"
                        + target.name()
                        + "' "
                        + what
                        + " instead of "
                        + object.sha256(),
                "the object in store '"
                        + source.name()
                        + "' is damaged, and so is the copy;"
                        + " cairn replicate verify repairs both from a good one");
    }
}
