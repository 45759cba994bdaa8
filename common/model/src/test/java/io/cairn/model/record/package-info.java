@NullMarked
package io.cairn.model.record;

import org.jspecify.annotations.NullMarked;
