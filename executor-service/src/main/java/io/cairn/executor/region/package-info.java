/** Whether stores take what this executor writes, as it sees and tells it. */
@NullMarked
package io.cairn.executor.region;

import org.jspecify.annotations.NullMarked;
