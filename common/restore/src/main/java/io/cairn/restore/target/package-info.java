/**
 * The directories a restore writes into: what may be written into, and how a half restore is told
 * from a database.
 */
@NullMarked
package io.cairn.restore.target;

import org.jspecify.annotations.NullMarked;
