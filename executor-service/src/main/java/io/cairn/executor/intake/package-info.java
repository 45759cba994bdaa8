/** Takes due events and answers for what became of them. */
@NullMarked
package io.cairn.executor.intake;

import org.jspecify.annotations.NullMarked;
