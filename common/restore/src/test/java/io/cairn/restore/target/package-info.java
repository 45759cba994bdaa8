@NullMarked
package io.cairn.restore.target;

import org.jspecify.annotations.NullMarked;
