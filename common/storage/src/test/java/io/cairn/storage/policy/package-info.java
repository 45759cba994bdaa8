@NullMarked
package io.cairn.storage.policy;

import org.jspecify.annotations.NullMarked;
