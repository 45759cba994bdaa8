@NullMarked
package io.cairn.validator.proof;

import org.jspecify.annotations.NullMarked;
