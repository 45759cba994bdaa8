/**
 * The server's {@code backup_manifest}: what files a base backup holds, with sizes and checksums.
 */
@NullMarked
package io.cairn.postgres.manifest;

import org.jspecify.annotations.NullMarked;
