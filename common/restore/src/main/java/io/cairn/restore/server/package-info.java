/** Servers on restored directories: what they run with, and connections to them. */
@NullMarked
package io.cairn.restore.server;

import org.jspecify.annotations.NullMarked;
