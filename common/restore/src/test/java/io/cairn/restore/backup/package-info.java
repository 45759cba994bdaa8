@NullMarked
package io.cairn.restore.backup;

import org.jspecify.annotations.NullMarked;
