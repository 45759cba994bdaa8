@NullMarked
package io.cairn.restore.lease;

import org.jspecify.annotations.NullMarked;
