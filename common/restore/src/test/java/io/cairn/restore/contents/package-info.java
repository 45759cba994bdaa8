@NullMarked
package io.cairn.restore.contents;

import org.jspecify.annotations.NullMarked;
