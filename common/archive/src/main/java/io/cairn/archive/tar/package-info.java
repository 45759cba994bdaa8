/** Tar streams as PostgreSQL writes them: walked as they pass, and indexed. */
@NullMarked
package io.cairn.archive.tar;

import org.jspecify.annotations.NullMarked;
