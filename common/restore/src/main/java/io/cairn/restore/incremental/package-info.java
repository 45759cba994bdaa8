/** PostgreSQL's incremental backups: what their files hold, and in which order they belong. */
@NullMarked
package io.cairn.restore.incremental;

import org.jspecify.annotations.NullMarked;
