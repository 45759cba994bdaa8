package io.cairn.restore.contents;

import io.cairn.model.backup.Volume;
import io.cairn.model.error.CairnException;
import io.cairn.model.error.ErrorCode;
import io.cairn.postgres.manifest.FileVerifier;
import java.util.List;

/** A file that is not what the server's manifest says. */
public final class FileMismatch {

    private FileMismatch() {}

    /**
     * @throws CairnException {@link ErrorCode#MANIFEST_MISMATCH} naming the file and the volumes it
     *     came from
     */
    public static void require(BackupFile file, FileVerifier.Outcome outcome) {
        switch (outcome) {
            case FileVerifier.Outcome.Matches _ -> {}
            case FileVerifier.Outcome.WrongSize(long expected, long actual) ->
                    throw mismatch(file, "has " + actual + " bytes instead of " + expected);
            case FileVerifier.Outcome.WrongChecksum wrong ->
                    throw mismatch(
                            file,
                            "has "
                                    + wrong.algorithm()
                                    + " "
                                    + wrong.actual()
                                    + " instead of "
                                    + wrong.expected());
        }
    }

    private static CairnException mismatch(BackupFile file, String what) {
        List<String> volumes =
                file.archive().archive().volumes().stream()
                        .filter(volume ->
                                volume.offset() < file.entry().end()
                                        && volume.end() > file.entry().offset())
                        .map(Volume::object)
                        .map(object -> object.key().value())
                        .toList();
        return new CairnException(
                ErrorCode.MANIFEST_MISMATCH,
                file.path() + " " + what + ", in " + String.join(", ", volumes),
                "restore from another copy of this backup, or from another backup");
    }
}
