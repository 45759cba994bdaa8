/** Where the private key is that opens backups, and how it is reached. */
@NullMarked
package io.cairn.restore.identity;

import org.jspecify.annotations.NullMarked;
