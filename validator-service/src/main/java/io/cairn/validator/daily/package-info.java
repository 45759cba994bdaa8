/** The daily validation: which chains are drilled, from where and to when; what is read again. */
@NullMarked
package io.cairn.validator.daily;

import org.jspecify.annotations.NullMarked;
