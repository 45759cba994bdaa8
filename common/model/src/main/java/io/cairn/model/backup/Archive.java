package io.cairn.model.backup;

import java.util.List;
import java.util.Optional;

/**
 * One tar stream of a backup, as PostgreSQL produced it: {@code base.tar}, or {@code <oid>.tar} for
 * a tablespace.
 *
 * @param name the name PostgreSQL gave the stream
 * @param tablespace absent for {@code base.tar}
 * @param bytes length of the tar stream
 * @param volumes the slices, in order and without a gap from 0 to {@code bytes}
 */
public record Archive(
        String name, Optional<Tablespace> tablespace, long bytes, List<Volume> volumes) {

    public static final String BASE = "base.tar";

    public Archive {
        volumes = List.copyOf(volumes);
        long expected = 0;
        for (Volume volume : volumes) {
            if (volume.offset() != expected) {
                throw new IllegalArgumentException(
                        name + " has a gap or overlap at byte " + expected);
            }
            expected = volume.end();
        }
        if (expected != bytes) {
            throw new IllegalArgumentException(
                    name + " has volumes for " + expected + " of " + bytes + " bytes");
        }
    }

    /**
     * @param oid PostgreSQL's object id of the tablespace
     * @param location its absolute directory on the source
     */
    public record Tablespace(long oid, String location) {}
}
