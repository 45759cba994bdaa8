@NullMarked
package io.cairn.restore.thaw;

import org.jspecify.annotations.NullMarked;
