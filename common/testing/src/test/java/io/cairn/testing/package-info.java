@NullMarked
package io.cairn.testing;

import org.jspecify.annotations.NullMarked;
