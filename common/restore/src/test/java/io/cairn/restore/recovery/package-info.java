@NullMarked
package io.cairn.restore.recovery;

import org.jspecify.annotations.NullMarked;
