@NullMarked
package io.cairn.restore.compare;

import org.jspecify.annotations.NullMarked;
