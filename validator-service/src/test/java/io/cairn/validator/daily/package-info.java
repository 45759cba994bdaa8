@NullMarked
package io.cairn.validator.daily;

import org.jspecify.annotations.NullMarked;
