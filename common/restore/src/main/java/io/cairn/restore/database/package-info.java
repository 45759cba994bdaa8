/** Which databases of a cluster a restore brings back, and which files are whose. */
@NullMarked
package io.cairn.restore.database;

import org.jspecify.annotations.NullMarked;
