@NullMarked
package io.cairn.restore.incremental;

import org.jspecify.annotations.NullMarked;
