/** {@code cairn}, the operator's command. */
@NullMarked
package io.cairn.cli;

import org.jspecify.annotations.NullMarked;
