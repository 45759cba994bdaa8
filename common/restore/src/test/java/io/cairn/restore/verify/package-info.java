@NullMarked
package io.cairn.restore.verify;

import org.jspecify.annotations.NullMarked;
