@NullMarked
package io.cairn.restore.key;

import org.jspecify.annotations.NullMarked;
