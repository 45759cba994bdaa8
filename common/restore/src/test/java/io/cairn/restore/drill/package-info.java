@NullMarked
package io.cairn.restore.drill;

import org.jspecify.annotations.NullMarked;
