package io.cairn.archive.tar;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What an entry of a tar stream is. PostgreSQL writes the first three. */
public enum TarEntryType {
    @JsonProperty("file")
    FILE,
    @JsonProperty("directory")
    DIRECTORY,
    @JsonProperty("symlink")
    SYMLINK,
    /** Device, FIFO, hard link: never in a data directory. */
    @JsonProperty("other")
    OTHER
}
