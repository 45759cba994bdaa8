/** Finding by listing what no event told: backups without a complete copy. */
@NullMarked
package io.cairn.replication.reconcile;

import org.jspecify.annotations.NullMarked;
