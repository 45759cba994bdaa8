/**
 * The stored format: a backup's tar streams as encrypted volumes, written in parallel ({@link
 * io.cairn.archive.ArchiveWriter}) and read in parallel ({@link io.cairn.archive.VolumeDecoder}).
 * The format itself is in {@code docs/format.md}.
 */
@NullMarked
package io.cairn.archive;

import org.jspecify.annotations.NullMarked;
