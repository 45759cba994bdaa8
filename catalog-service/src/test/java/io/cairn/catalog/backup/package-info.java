@NullMarked
package io.cairn.catalog.backup;

import org.jspecify.annotations.NullMarked;
