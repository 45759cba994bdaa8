package io.cairn.postgres.basebackup;

import io.cairn.model.Lsn;
import io.cairn.model.SystemIdentifier;
import io.cairn.model.Timeline;
import io.cairn.model.backup.CommitObject.PageDamage;
import java.util.List;

/**
 * A base backup that has come to its end: every archive and the manifest are complete.
 *
 * @param stopLsn replay must reach it before the backup is consistent
 * @param serverVersion {@code server_version_num}, 180006 for 18.6
 * @param damage pages whose checksum was wrong at the source; not empty = the backup is damaged,
 *     though complete
 * @param warnings what else the server warned of, one line each
 * @param archiveBytes of all tar archives
 */
public record BaseBackupResult(
        SystemIdentifier systemIdentifier,
        Timeline timeline,
        Lsn startLsn,
        Lsn stopLsn,
        int serverVersion,
        long walSegmentBytes,
        List<PageDamage> damage,
        List<String> warnings,
        long archiveBytes) {

    public BaseBackupResult {
        damage = List.copyOf(damage);
        warnings = List.copyOf(warnings);
    }

    public boolean damaged() {
        return !damage.isEmpty();
    }
}
