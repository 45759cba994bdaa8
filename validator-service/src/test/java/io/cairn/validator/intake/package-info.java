@NullMarked
package io.cairn.validator.intake;

import org.jspecify.annotations.NullMarked;
