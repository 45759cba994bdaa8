@NullMarked
package io.cairn.restore.database;

import org.jspecify.annotations.NullMarked;
