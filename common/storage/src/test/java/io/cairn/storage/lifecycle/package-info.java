@NullMarked
package io.cairn.storage.lifecycle;

import org.jspecify.annotations.NullMarked;
