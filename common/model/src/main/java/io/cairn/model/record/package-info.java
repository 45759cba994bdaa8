/** Records of deletion and of what forbids it, as they lie under {@code records/}. */
@NullMarked
package io.cairn.model.record;

import org.jspecify.annotations.NullMarked;
