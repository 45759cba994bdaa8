/** What makes a backup visible: signature, commit object, events. */
@NullMarked
package io.cairn.executor.publish;

import org.jspecify.annotations.NullMarked;
