@NullMarked
package io.cairn.restore.engine;

import org.jspecify.annotations.NullMarked;
